package dataset

import (
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"symbridge/tensor"
)

// The formats that Open knows, in the order in which it prefers them.
const (
	FormatTU        = "tu"
	FormatPlanetoid = "planetoid"
	FormatGIN       = "gin"
)

// formats says how each format shows in the files of a folder.
var formats = []struct{ name, files string }{
	{FormatTU, "NAME_A.txt"},
	{FormatPlanetoid, "ind.NAME.x"},
	{FormatGIN, "NAME.txt that starts with a number of graphs"},
}

// Formats returns the names of the formats that Open knows, the preferred first.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// Load reads the data set that a command line names: "karate", the one that is built in, or a folder, by [Open].
func Load[T tensor.Float](nameOrDir, format string, limits Limits) (*Set[T], error) {
	if nameOrDir == "karate" {
		if format != "" {
			return nil, fmt.Errorf("dataset: karate is built in and has no format %q; write ./karate for a folder: %w",
				format, ErrUnknown)
		}
		return Karate[T](), nil
	}
	if info, err := os.Stat(nameOrDir); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("dataset: %q is not a folder, and the only data set that is built in is karate: %w",
			nameOrDir, ErrUnknown)
	}
	s, err := Open[T](os.DirFS(nameOrDir), format, limits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", nameOrDir, err)
	}
	return s, nil
}

// Open reads the data set in the top folder of fsys. An empty format recognises it by its files, TU before Planetoid
// before GIN where there are several; "tu", "planetoid" and "gin" ask for that one. Where a folder holds several sets of
// one format, the name follows a colon: "planetoid:cora". It returns ErrUnknown, with what was found and what is known,
// where there is nothing to read or more than one.
func Open[T tensor.Float](fsys fs.FS, format string, limits Limits) (*Set[T], error) {
	format, name, named := strings.Cut(format, ":")
	if format != "" && !slices.Contains(Formats(), format) || format == "" && named {
		return nil, fmt.Errorf("dataset: unknown format %q, want one of %s: %w", format, strings.Join(Formats(), ", "), ErrUnknown)
	}
	if !named {
		var err error
		if format, name, err = recognise(fsys, format); err != nil {
			return nil, err
		}
	}
	switch format {
	case FormatTU:
		return TU[T](fsys, name, limits)
	case FormatPlanetoid:
		return Planetoid[T](fsys, name, limits)
	default:
		return GIN[T](fsys, name, limits)
	}
}

// FormatsIn returns the formats in which the top folder of fsys holds data sets, the preferred first. The graphs of one set stand in another
// order in TU files than in those of GIN.
func FormatsIn(fsys fs.FS) ([]string, error) {
	files, err := filesIn(fsys)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, f := range formats {
		if len(namesIn(fsys, f.name, files)) > 0 {
			found = append(found, f.name)
		}
	}
	return found, nil
}

// filesIn lists the files in the top folder.
func filesIn(fsys fs.FS) (files []string, err error) {
	entries, err := fs.ReadDir(fsys, ".")
	if err != nil {
		return nil, fmt.Errorf("dataset: cannot list the folder: %w", err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			files = append(files, e.Name())
		}
	}
	return files, nil
}

// namesIn returns the names of the data sets of a format among files.
func namesIn(fsys fs.FS, format string, files []string) (names []string) {
	for _, file := range files {
		if n := nameIn(fsys, format, file); n != "" {
			names = append(names, n)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// recognise finds the format and the name of the data set in a folder; a format that is given is the only one looked for.
func recognise(fsys fs.FS, want string) (format, name string, err error) {
	files, err := filesIn(fsys)
	if err != nil {
		return "", "", err
	}
	for _, f := range formats {
		if want != "" && f.name != want {
			continue
		}
		switch names := namesIn(fsys, f.name, files); len(names) {
		case 0:
		case 1:
			return f.name, names[0], nil
		default:
			return "", "", fmt.Errorf("dataset: several data sets of format %s: %s; choose one with format %s:%s: %w",
				f.name, strings.Join(names, ", "), f.name, names[0], ErrUnknown)
		}
	}
	var known []string
	for _, f := range formats {
		known = append(known, f.name+" ("+f.files+")")
	}
	if len(files) > 8 {
		files = append(files[:8:8], "...")
	}
	found := strings.Join(files, ", ")
	if found == "" {
		found = "no files"
	}
	if want != "" {
		want = "of format " + want + " "
	}
	return "", "", fmt.Errorf("dataset: no data set %sis here: found %s; known formats are %s: %w",
		want, found, strings.Join(known, ", "), ErrUnknown)
}

// nameIn returns the name of the data set that a file announces in the given format, empty where it announces none.
func nameIn(fsys fs.FS, format, file string) string {
	plain := strings.TrimSuffix(file, ".gz")
	switch format {
	case FormatTU:
		if name, ok := strings.CutSuffix(plain, "_A.txt"); ok {
			return name
		}
	case FormatPlanetoid:
		name, ok := strings.CutPrefix(plain, "ind.")
		if name, is := strings.CutSuffix(name, ".x"); ok && is {
			return name
		}
	case FormatGIN:
		if name, ok := strings.CutSuffix(plain, ".txt"); ok && looksLikeGIN(fsys, file) {
			return name
		}
	}
	return ""
}

// looksLikeGIN reports whether a file starts with a line of one number and a line of two.
func looksLikeGIN(fsys fs.FS, file string) bool {
	f, err := fsys.Open(file)
	if err != nil {
		return false
	}
	defer f.Close()
	b, err := readAll(f, file, 256)
	if err != nil {
		return false
	}
	t := newText(file, ' ', b)
	for _, fields := range [...]int{1, 2} {
		if !t.next() {
			return false
		}
		for range fields {
			if _, err := t.integer("", -1<<62, 1<<62); err != nil {
				return false
			}
		}
		if t.more() {
			return false
		}
	}
	return true
}
