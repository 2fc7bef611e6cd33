// Package testdata finds the shared data sets that tests read and that are not part of the repository.
package testdata

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// Root returns the folder of shared material: SYMBRIDGE_SHARED, or shared beside the repository.
func Root() string {
	if dir := os.Getenv("SYMBRIDGE_SHARED"); dir != "" {
		return dir
	}
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..", "shared")
}

// Shared returns the path of a shared file or folder, and skips the test, naming it, where it is absent.
func Shared(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(Root(), name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("SKIPPED: shared data %q is absent (looked at %s; set SYMBRIDGE_SHARED)", name, path)
	}
	return path
}
