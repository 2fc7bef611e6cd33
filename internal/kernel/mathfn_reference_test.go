package kernel

import "math/big"

// The reference values: plain series in math/big with enough bits that the last ones do not matter.

const referenceBits = 256

func bigNew(x float64) *big.Float { return new(big.Float).SetPrec(referenceBits).SetFloat64(x) }

func bigConst(s string) *big.Float {
	f, _, err := big.ParseFloat(s, 10, referenceBits, big.ToNearestEven)
	if err != nil {
		panic(err)
	}
	return f
}

func add(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(referenceBits).Add(a, b) }
func sub(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(referenceBits).Sub(a, b) }
func mul(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(referenceBits).Mul(a, b) }
func quo(a, b *big.Float) *big.Float { return new(big.Float).SetPrec(referenceBits).Quo(a, b) }

var (
	bigOne = bigNew(1)
	bigLn2 = bigConst("0.69314718055994530941723212145817656807550013436025525412068000949339362196969471560586332699")
	bigPi  = bigConst("3.14159265358979323846264338327950288419716939937510582097494459230781640628620899862803482534")
	// 2/sqrt(pi)
	bigErf = quo(bigNew(2), new(big.Float).SetPrec(referenceBits).Sqrt(bigPi))
)

// negligible says that a term is below the last bit of the sum.
func negligible(term, sum *big.Float) bool {
	return term.Sign() == 0 || term.MantExp(nil) < sum.MantExp(nil)-referenceBits
}

// bigExpm1Series is x + x^2/2! + ... for |x| <= 1.
func bigExpm1Series(x *big.Float) *big.Float {
	sum, term := new(big.Float).Copy(x), new(big.Float).Copy(x)
	for n := 2; !negligible(term, sum); n++ {
		term = quo(mul(term, x), bigNew(float64(n)))
		sum = add(sum, term)
	}
	return sum
}

func bigExp(x *big.Float) *big.Float {
	k, _ := quo(x, bigLn2).Int64()
	r := sub(x, mul(bigNew(float64(k)), bigLn2))
	r.SetMantExp(r, -8)
	e := add(bigExpm1Series(r), bigOne)
	for range 8 {
		e = mul(e, e)
	}
	return e.SetMantExp(e, int(k))
}

func bigExpm1(x *big.Float) *big.Float {
	if x.MantExp(nil) < 0 {
		return bigExpm1Series(x)
	}
	return sub(bigExp(x), bigOne)
}

// bigLog takes two steps of Halley's iteration from a first guess.
func bigLog(x *big.Float, guess float64) *big.Float {
	y := bigNew(guess)
	for range 2 {
		e := bigExp(y)
		step := quo(sub(x, e), add(x, e))
		y = add(y, step.SetMantExp(step, 1))
	}
	return y
}

func bigLog1p(x *big.Float, guess float64) *big.Float {
	if x.MantExp(nil) >= -20 {
		return bigLog(add(x, bigOne), guess)
	}
	sum, power := new(big.Float).Copy(x), new(big.Float).Copy(x)
	for n := 2; ; n++ {
		power = mul(power, x).Neg(mul(power, x))
		term := quo(power, bigNew(float64(n)))
		if negligible(term, sum) {
			return sum
		}
		sum = add(sum, term)
	}
}

func bigTanh(x *big.Float) *big.Float {
	e := bigExpm1(mul(x, bigNew(2)))
	return quo(e, add(e, bigNew(2)))
}

func bigSigmoid(x *big.Float) *big.Float {
	return quo(bigOne, add(bigOne, bigExp(new(big.Float).Neg(x))))
}

// bigErfOf is 2/sqrt(pi) * e^(-x^2) * sum of 2^n x^(2n+1) / (2n+1)!!, whose terms have one sign.
func bigErfOf(x *big.Float) *big.Float {
	x2 := mul(x, x)
	sum, term := new(big.Float).Copy(x), new(big.Float).Copy(x)
	for n := 1; !negligible(term, sum); n++ {
		term = quo(mul(term, mul(x2, bigNew(2))), bigNew(float64(2*n+1)))
		sum = add(sum, term)
	}
	return mul(bigErf, mul(sum, bigExp(new(big.Float).Neg(x2))))
}
