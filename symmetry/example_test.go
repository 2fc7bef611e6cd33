package symmetry_test

import (
	"context"
	"fmt"
	"math/rand/v2"

	"symbridge/symmetry"
	"symbridge/tensor"
)

// The certificate of a model on three nodes that doubles each feature.
func ExampleCertify() {
	x := tensor.FromRows([][]float32{{0.5}, {1.5}, {2.5}})
	double := func(p, q symmetry.Perm) (symmetry.Output[float32], error) {
		y := x.PermuteRows(p) // the data in which node v is called p[v]
		for i := range y.Data {
			y.Data[i] *= 2
		}
		return symmetry.Output[float32]{Values: y, Rows: symmetry.Nodes}, nil
	}
	rng := rand.New(rand.NewPCG(1, 1))
	layers := []symmetry.LayerShape{{Nodes: 3, In: 1, Out: 1}}
	c, err := symmetry.Certify(context.Background(), double, 3, 0, 10, rng, layers, 1)
	if err != nil {
		panic(err)
	}
	fmt.Println(c)
	// Output:
	// certificate  S_3, |G| = 6: EXACT
	// outputs      0 of 18 entries differ over all 6 relabelings and edge orders
	//              0 differing bits, max 0 ulp, max abs 0
	// weights      9 in dense maps, 2 equivariant ones among them: a factor 4.5, not |G|
	// parameters   1 of the model
}

func ExamplePerm() {
	p := symmetry.Perm{2, 0, 1, 4, 3} // 0 goes to 2, 1 to 0, 2 to 1; 3 and 4 change places
	fmt.Println(p.Cycles(), "order", p.Order(), "sign", p.Sign())
	fmt.Println(symmetry.Apply(p, []string{"a", "b", "c", "d", "e"}))
	// Output:
	// [[0 2 1] [3 4]] order 6 sign -1
	// [b c a e d]
}

// The cube has 48 symmetries. They take any vertex to any other, and pairs of vertices are told apart by their distance alone:
// an equivariant linear map of functions on the vertices has four weights.
func ExampleGroup() {
	cube := symmetry.NewGroup(8, // vertices are three bits
		symmetry.Perm{1, 0, 3, 2, 5, 4, 7, 6}, // flip the first
		symmetry.Perm{0, 2, 1, 3, 4, 6, 5, 7}, // change the first two
		symmetry.Perm{0, 2, 4, 6, 1, 3, 5, 7}) // turn all three
	_, orbits := cube.Orbits()
	distance, weights := cube.PairOrbits()
	fmt.Println(cube.Order(), orbits, weights, distance[:8])
	fmt.Println(cube.Stabilizer(0).Order(), cube.Stabilizer(0, 1).Order(), cube.Contains(symmetry.Identity(8)))
	// Output:
	// 48 1 4 [0 1 1 2 1 2 2 3]
	// 6 2 true
}
