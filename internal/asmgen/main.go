// Command asmgen writes the assembly of internal/kernel: run it by go generate there. Its test compares the committed files with
// what it writes.
package main

import (
	"fmt"
	"os"

	"github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/printer"
)

// unit is one generated pair of files, name_amd64.s and name_amd64.go.
type unit struct {
	name string
	gen  func(c *build.Context)
}

var units = []unit{
	{"tile", tiles}, {"tilewide", wideTiles}, {"transpose", transposes},
	{"gramtile", gramTiles}, {"gramwide", gramWide},
	{"fold", folds}, {"foldends", foldEnds}, {"segfold", segFolds}, {"segfold512", segFolds512}, {"plainfold", plainFolds},
	{"attend", attends},
	{"elementary", elementary}, {"activation", activations}, {"rowops", rowOps}, {"message", messages},
	{"philox", philox}, {"noise", noise},
	{"adam", optimizers},
}

func main() {
	for _, u := range units {
		asm, stubs, err := generate(u)
		if err == nil {
			err = os.WriteFile("../kernel/"+u.name+"_amd64.s", asm, 0o644)
		}
		if err == nil {
			err = os.WriteFile("../kernel/"+u.name+"_amd64.go", stubs, 0o644)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, "asmgen:", u.name+":", err)
			os.Exit(1)
		}
	}
}

// generate returns the assembly and the Go declarations of a unit.
func generate(u unit) (asm, stubs []byte, err error) {
	c := build.NewContext()
	c.ConstraintExpr("amd64,!purego")
	u.gen(c)
	file, err := c.Result()
	if err != nil {
		return nil, nil, err
	}
	cfg := printer.Config{Argv: []string{"go", "generate", "./internal/kernel"}, Pkg: "kernel"}
	return compile(file, cfg)
}
