package bench

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// Array is an input for another library: numbers or integers, row-major.
type Array struct {
	Shape  []int
	Floats []float32 // or
	Ints   []int32   // or
	Double []float64
}

func floats(x []float32, shape ...int) Array { return Array{Shape: shape, Floats: x} }
func ints(x []int32, shape ...int) Array     { return Array{Shape: shape, Ints: x} }

// WriteNPY writes the array in version 1.0 of NumPy's format.
func (a Array) WriteNPY(w io.Writer) error {
	code, values := "<f4", any(a.Floats)
	switch {
	case a.Ints != nil:
		code, values = "<i4", a.Ints
	case a.Double != nil:
		code, values = "<f8", a.Double
	}
	shape := ""
	for _, n := range a.Shape {
		shape += fmt.Sprintf("%d,", n)
	}
	header := fmt.Sprintf("{'descr': '%s', 'fortran_order': False, 'shape': (%s)}", code, shape)
	const before = 10 // magic, version and length; the data starts at a multiple of 64
	header += strings.Repeat(" ", 63-(before+len(header))%64) + "\n"
	b := append([]byte("\x93NUMPY\x01\x00"), byte(len(header)), byte(len(header)>>8))
	if _, err := w.Write(append(b, header...)); err != nil {
		return err
	}
	return binary.Write(w, binary.LittleEndian, values)
}

// Export writes the inputs of a task to files named KEY.npy in a folder, which it makes.
func (t *Task) Export(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for key, a := range t.Inputs() {
		if err := a.export(filepath.Join(dir, key+".npy")); err != nil {
			return err
		}
	}
	return nil
}

func (a Array) export(path string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := bufio.NewWriter(f)
	err = a.WriteNPY(w)
	if err == nil {
		err = w.Flush()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}
