package lint

import (
	"bytes"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	module   = "symbridge"
	root     = "../.."
	maxLines = 600
)

// floors is the table of docs/architecture.md: a package imports only packages on lower floors, or below itself.
var floors = map[string]int{
	"internal/kernel": 0, "internal/cells": 0, "internal/schreier": 0, "internal/small": 0,
	"graph": 1, "tensor": 1, "internal/canon": 1,
	"symmetry": 2, "internal/arcs": 2,
	"autodiff": 3, "wl": 3,
	"aggregate": 4, "positional": 4, "wl/wlkernel": 4,
	"gnn":   5,
	"train": 6, "dataset": 6, "proptest": 6,
	"internal/picture": 6,
	"bench":            7, "svm": 7,
	"cmd/symbridge": 8, "examples": 8,
}

// testSupport are imported by tests of every floor.
var testSupport = map[string]bool{"internal/testdata": true, "internal/lint": true}

// file is a parsed source file of the module.
type file struct {
	path string // from the root, with slashes
	src  []byte
	ast  *ast.File
}

func (f *file) dir() string  { return path.Dir(f.path) }
func (f *file) isTest() bool { return strings.HasSuffix(f.path, "_test.go") }
func (f *file) in(dirs ...string) bool {
	for _, d := range dirs {
		if f.dir() == d || strings.HasPrefix(f.dir(), d+"/") {
			return true
		}
	}
	return false
}

var fset = token.NewFileSet()

// sources returns the Go files of the root module; folders with a go.mod of their own are other modules.
func sources(t *testing.T) []*file {
	var files []*file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, p)
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" && rel != "internal/testdata") {
				return fs.SkipDir
			}
			if _, err := os.Stat(filepath.Join(p, "go.mod")); err == nil && rel != "." {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		src, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		a, err := parser.ParseFile(fset, rel, src, parser.ParseComments)
		if err != nil {
			return err
		}
		files = append(files, &file{rel, src, a})
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(files), 50, "the walk found the sources")
	return files
}

// home returns the entry of the floor table that a folder belongs to.
func home(dir string) (string, bool) {
	for d := dir; d != "."; d = path.Dir(d) {
		if _, ok := floors[d]; ok {
			return d, true
		}
	}
	return "", false
}

func TestFloors(t *testing.T) {
	for _, f := range sources(t) {
		if testSupport[f.dir()] || f.isTest() {
			continue
		}
		from, ok := home(f.dir())
		if !ok {
			t.Errorf("%s: the folder has no floor; give it one in floors and in the architecture page", f.path)
			continue
		}
		for _, s := range f.ast.Imports {
			name, _ := strconv.Unquote(s.Path.Value)
			name, inside := strings.CutPrefix(name, module+"/")
			if !inside {
				continue
			}
			if testSupport[name] {
				t.Errorf("%s imports %s, which is for tests", f.path, name)
				continue
			}
			to, ok := home(name)
			if !ok || to != from && floors[to] >= floors[from] {
				t.Errorf("%s (floor %d) imports %s (floor %d): a package imports only lower floors", f.path, floors[from], name, floors[to])
			}
		}
	}
}

// A layer is made of row-wise operations, gathers and reductions. A function that runs on a tape and touches the data of a
// matrix says why, in a comment that starts with "rows:" inside or above it.
func TestLayersKeepAwayFromRows(t *testing.T) {
	for _, f := range sources(t) {
		if f.isTest() || !f.in("gnn", "aggregate") {
			continue
		}
		for _, d := range f.ast.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil || !onTape(fn) || excused(f, fn) {
				continue
			}
			ast.Inspect(fn, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok {
					switch s.Sel.Name {
					case "Data", "Row", "At", "Set":
						if id, ok := s.X.(*ast.Ident); ok && id.Obj == nil && s.Sel.Name != "Data" {
							return true // a function of a package
						}
						t.Errorf("%s: %s touches rows by .%s; compose operations, or say why in a comment that starts with rows:",
							fset.Position(s.Pos()), fn.Name.Name, s.Sel.Name)
					}
				}
				return true
			})
		}
	}
}

// onTape reports whether a function takes a tape.
func onTape(fn *ast.FuncDecl) bool {
	for _, p := range fn.Type.Params.List {
		var b bytes.Buffer
		_ = format.Node(&b, fset, p.Type)
		if strings.HasPrefix(b.String(), "*autodiff.Tape[") {
			return true
		}
	}
	return false
}

func excused(f *file, fn *ast.FuncDecl) bool {
	from := fn.Pos()
	if fn.Doc != nil {
		from = fn.Doc.Pos()
	}
	for _, g := range f.ast.Comments {
		if g.Pos() < from || g.End() > fn.End() {
			continue
		}
		for _, c := range g.List {
			if strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(c.Text, "//")), "rows:") {
				return true
			}
		}
	}
	return false
}

// What must not be used, and by whom.
func TestForbiddenUses(t *testing.T) {
	library := []string{"internal/kernel", "internal/schreier", "graph", "tensor", "symmetry", "autodiff", "wl", "aggregate", "positional", "gnn", "train", "dataset", "proptest", "svm"}
	bits := []string{"internal/kernel", "autodiff", "aggregate", "gnn", "train"}
	transcendental := map[string]bool{"Exp": true, "Exp2": true, "Expm1": true, "Log": true, "Log2": true, "Log10": true, "Log1p": true,
		"Tanh": true, "Sinh": true, "Cosh": true, "Pow": true, "Sin": true, "Cos": true, "Tan": true, "Erf": true, "Erfc": true, "Cbrt": true}
	for _, f := range sources(t) {
		if f.isTest() {
			continue
		}
		for _, s := range f.ast.Imports {
			switch name, _ := strconv.Unquote(s.Path.Value); {
			case name == "math/rand":
				t.Errorf("%s imports math/rand; use math/rand/v2 and take the generator as an argument", f.path)
			case name == "log" && f.in(library...):
				t.Errorf("%s imports log; a library writes no log lines", f.path)
			case name == "unsafe":
				t.Errorf("%s imports unsafe", f.path)
			case strings.HasPrefix(name, "github.com/stretchr/") && !f.in("proptest"):
				t.Errorf("%s imports %s outside tests", f.path, name)
			}
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			id, ok := s.X.(*ast.Ident)
			if !ok || id.Obj != nil {
				return true
			}
			switch {
			case id.Name == "math" && transcendental[s.Sel.Name] && f.in(bits...):
				t.Errorf("%s: math.%s differs between processors; internal/kernel has our own", fset.Position(s.Pos()), s.Sel.Name)
			case id.Name == "fmt" && strings.HasPrefix(s.Sel.Name, "Print") && f.in(library...):
				t.Errorf("%s: fmt.%s prints from a library", fset.Position(s.Pos()), s.Sel.Name)
			case id.Name == "rand" && f.in(library...) && (s.Sel.Name == "IntN" || s.Sel.Name == "Float64" || s.Sel.Name == "Perm" || s.Sel.Name == "Shuffle"):
				t.Errorf("%s: rand.%s draws from the global generator", fset.Position(s.Pos()), s.Sel.Name)
			}
			return true
		})
	}
}

func TestFormat(t *testing.T) {
	for _, f := range sources(t) {
		want, err := format.Source(f.src)
		require.NoError(t, err, f.path)
		if !bytes.Equal(want, f.src) {
			t.Errorf("%s is not formatted: run gofmt -w", f.path)
		}
		if n := bytes.Count(f.src, []byte("\n")); n > maxLines {
			t.Errorf("%s has %d lines, over %d: does it have one subject?", f.path, n, maxLines)
		}
	}
}

func TestVet(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: go vet in -short mode")
	}
	cmd := exec.Command("go", "vet", "./...")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
}

// Every exported name has a doc comment; every package a doc.go, and a runnable example unless it is internal or a command.
func TestDocumentation(t *testing.T) {
	docs, examples, packages := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, f := range sources(t) {
		dir := f.dir()
		packages[dir] = true
		docs[dir] = docs[dir] || f.ast.Doc != nil && !f.isTest()
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.isTest() && strings.HasPrefix(fn.Name.Name, "Example") {
				examples[dir] = true
			}
			if !f.isTest() && !strings.HasPrefix(dir, "internal/lint") {
				checkDoc(t, f, d)
			}
		}
	}
	for dir := range packages {
		if !docs[dir] {
			t.Errorf("package %s has no package comment", dir)
		}
		if !examples[dir] && !strings.HasPrefix(dir, "internal/") && !strings.HasPrefix(dir, "cmd/") && !strings.HasPrefix(dir, "examples/") {
			t.Errorf("package %s has no runnable Example", dir)
		}
	}
}

func checkDoc(t *testing.T, f *file, d ast.Decl) {
	missing := func(n ast.Node, name string) {
		t.Errorf("%s: exported %s has no doc comment", fset.Position(n.Pos()), name)
	}
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) && !conventional[d.Name.Name] {
			missing(d, d.Name.Name)
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil {
					missing(s, s.Name.Name)
				}
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						missing(s, name.Name)
					}
				}
			}
		}
	}
}

// conventional are methods whose meaning the interface that they implement gives.
var conventional = map[string]bool{"Unwrap": true, "Run": true}

func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil || len(d.Recv.List) == 0 {
		return true
	}
	typ := d.Recv.List[0].Type
	for {
		switch x := typ.(type) {
		case *ast.StarExpr:
			typ = x.X
		case *ast.IndexExpr:
			typ = x.X
		case *ast.IndexListExpr:
			typ = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return true
		}
	}
}

// The versions that the project has promised.
func TestModule(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	for _, line := range []string{"module symbridge", "go 1.26", "github.com/yourbasic/graph v0.0.0-20210606180040-8ecfec1c2869",
		"gonum.org/v1/gonum", "github.com/stretchr/testify", "pgregory.net/rapid"} {
		require.Contains(t, string(b), line)
	}
}
