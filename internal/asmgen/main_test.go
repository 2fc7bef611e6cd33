package main

import (
	"os"
	"testing"
)

// The committed assembly is what the generator writes.
func TestCommitted(t *testing.T) {
	for _, u := range units {
		asm, stubs, err := generate(u)
		if err != nil {
			t.Fatal(u.name, err)
		}
		for suffix, want := range map[string][]byte{".s": asm, ".go": stubs} {
			got, err := os.ReadFile("../kernel/" + u.name + "_amd64" + suffix)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != string(want) {
				t.Errorf("%s_amd64%s differs from what the generator writes: run go generate ./internal/kernel", u.name, suffix)
			}
		}
	}
}
