package symmetry

import (
	"errors"
	"fmt"
	"math/big"
	"strings"
)

// Count is a number of things, exact however large. The zero value is 0. In JSON it is a number up to 2^53, which every
// reader holds exactly, and a decimal string beyond.
type Count struct{ v *big.Int } // never written after it is made; nil is 0

// ErrCount is returned for JSON that is no count: not a whole number, negative, or longer than [MaxCountDigits].
var ErrCount = errors.New("not a count")

// MaxCountDigits is the length of the longest count that is read back from JSON.
const MaxCountDigits = 1 << 20

var maxJSON = big.NewInt(1 << 53)

// NewCount returns n as a count. It panics for n < 0.
func NewCount(n int) Count {
	if n < 0 {
		panic(fmt.Errorf("symmetry: NewCount(%d): %w", n, ErrCount))
	}
	return Count{big.NewInt(int64(n))}
}

// Int returns the count as a big integer of its own.
func (c Count) Int() *big.Int {
	if c.v == nil {
		return new(big.Int)
	}
	return new(big.Int).Set(c.v)
}

// Plus returns c + d.
func (c Count) Plus(d Count) Count { return Count{new(big.Int).Add(c.Int(), d.Int())} }

// Times returns c * d.
func (c Count) Times(d Count) Count { return Count{new(big.Int).Mul(c.Int(), d.Int())} }

// Cmp returns -1, 0 or 1 as c is less than, equal to or greater than d.
func (c Count) Cmp(d Count) int { return c.Int().Cmp(d.Int()) }

// IsZero reports whether the count is 0.
func (c Count) IsZero() bool { return c.Int().Sign() == 0 }

// String returns the count in decimal.
func (c Count) String() string { return c.Int().String() }

// MarshalJSON writes a number up to 2^53 and a decimal string beyond.
func (c Count) MarshalJSON() ([]byte, error) {
	if c.Int().Cmp(maxJSON) > 0 {
		return []byte(`"` + c.String() + `"`), nil
	}
	return []byte(c.String()), nil
}

// UnmarshalJSON reads what MarshalJSON writes; a string may hold a small count too. It returns ErrCount otherwise.
func (c *Count) UnmarshalJSON(b []byte) error {
	s := string(b)
	if len(s) >= 2 && s[0] == '"' && s[len(s)-1] == '"' {
		s = s[1 : len(s)-1]
	}
	if s == "" || len(s) > MaxCountDigits || strings.Trim(s, "0123456789") != "" {
		return fmt.Errorf("symmetry: %.40q: want a whole number, at least 0, or one in quotes: %w", b, ErrCount)
	}
	v, ok := new(big.Int).SetString(s, 10)
	if !ok {
		return fmt.Errorf("symmetry: %.40q: %w", b, ErrCount)
	}
	c.v = v
	return nil
}
