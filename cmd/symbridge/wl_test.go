package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"symbridge/graph"
	"symbridge/graph/enumerate"
	"symbridge/graph/graphio"
)

// runWL runs a wl command with the complete graph of four nodes on stdin.
func runWL(args ...string) result {
	var out, errs bytes.Buffer
	code := run(context.Background(), append([]string{"wl"}, args...), strings.NewReader("C~\n"), &out, &errs)
	return result{code, out.String(), errs.String()}
}

// lines runs a command that must succeed and returns its lines, cut at tabs, without fields that are seconds.
func lines(t *testing.T, args ...string) (all [][]string) {
	t.Helper()
	r := runWL(args...)
	require.Equal(t, exitOK, r.code, "%v: %s", args, r.err)
	require.Empty(t, r.err)
	for line := range strings.Lines(r.out) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		fields = slices.DeleteFunc(fields, func(f string) bool {
			whole, part, dot := strings.Cut(strings.TrimSuffix(f, " s"), ".")
			return dot && len(part) == 6 && strings.Trim(whole+part, "0123456789") == ""
		})
		all = append(all, fields)
	}
	return all
}

// objects runs a command with -json that must succeed and returns its objects, one a line.
func objects(t *testing.T, args ...string) (all []map[string]any) {
	t.Helper()
	r := runWL(append(args, "-json")...)
	require.Equal(t, exitOK, r.code, "%v: %s", args, r.err)
	for line := range strings.Lines(r.out) {
		var o map[string]any
		require.NoError(t, json.Unmarshal([]byte(line), &o), line)
		all = append(all, o)
	}
	return all
}

// someGraphs changes to a folder with files, and returns the hash of K4 and the path of four nodes.
func someGraphs(t *testing.T) (k4, p4 string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"two.g6":    "C~\nCh\n",
		"pairs.g6":  "C~\nCh\nCh\nCR\n",
		"odd.g6":    "C~\nCh\nCR\n",
		"bad.g6":    "C~\nC\n",
		"col.dmc":   "p edge 3 2\nn 1 5\ne 1 2\ne 2 3\n",
		"list.txt":  "1 2\n2 3\n",
		"big.dmc":   "p edge 99999999 0\n",
		"names.csv": "ann,bob\nbob,eve\n",
		"nothing":   "",
	} {
		require.NoError(t, os.WriteFile(name, []byte(text), 0o644))
	}
	tiny(t, "tu")
	all := lines(t, "hash", "two.g6")
	return all[0][1], all[1][1]
}

// slow writes slow.s6, whose second graph is a matching on a long cycle, on which the search is slow, and a long path, on which
// many rounds are.
func slow(t *testing.T) {
	t.Helper()
	const n = 80000
	var edges [][2]int32
	join := func(u, v int) { edges = append(edges, [2]int32{int32(u), int32(v)}) }
	for v := range n {
		join(v, (v+1)%n)
	}
	p := rand.New(rand.NewPCG(1, 2)).Perm(n)
	for k := 0; k < n; k += 2 {
		join(p[k], p[k+1])
	}
	for v := n; v+1 < 2*n; v++ {
		join(v, v+1)
	}
	g, err := graph.NewUndirected(2*n, edges)
	require.NoError(t, err)
	text, err := graphio.AppendSparse6([]byte("C~\n"), g)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("slow.s6", append(text, "\nCh\n"...), 0o644))
}

func TestWLHelp(t *testing.T) {
	for _, args := range [][]string{{"wl", "-h"}, {"help", "wl"}, {"wl", "help"}, {"wl", "--help"}} {
		r := symbridge(t, args...)
		require.Equal(t, exitOK, r.code, args)
		require.Contains(t, r.out, "Usage: symbridge wl <command>")
		require.Empty(t, r.err)
	}
	for name := range wlCommands {
		if name == "kernel" {
			continue // it takes one data set, by -data
		}
		for _, args := range [][]string{{"wl", name, "-h"}, {"help", "wl", name}, {"wl", "help", name}, {"wl", name, "x.g6", "-h"}} {
			r := symbridge(t, args...)
			require.Equal(t, exitOK, r.code, args)
			require.Empty(t, r.err)
			for _, part := range []string{"Usage: symbridge wl " + name, "Examples:", "-json", "-labels", "-format FORMAT", "A FILE is"} {
				require.Contains(t, r.out, part)
			}
			for line := range strings.Lines(r.out) {
				require.LessOrEqual(t, len(line), 190, "%s", line)
			}
		}
		require.Contains(t, wlAbout, "\n  "+name+" ")
	}
}

func TestWLHash(t *testing.T) {
	k4, p4 := someGraphs(t)
	require.Len(t, k4, 64)
	require.NotEqual(t, k4, p4)
	require.Equal(t, [][]string{{"pairs.g6:1", k4}, {"pairs.g6:2", p4}, {"pairs.g6:3", p4}, {"pairs.g6:4", p4}, {"two.g6:1", k4}, {"two.g6:2", p4}},
		lines(t, "hash", "pairs.g6", "two.g6"))
	require.Equal(t, [][]string{{"-:1", k4}}, lines(t, "hash", "-"))
	o := objects(t, "hash", "two.g6")
	require.Equal(t, map[string]any{"file": "two.g6", "graph": 2.0, "n": 4.0, "m": 3.0, "hash": p4}, o[1])
	require.NotEqual(t, lines(t, "hash", "-rounds", "1", "two.g6")[1][1], p4)
	require.NotEqual(t, lines(t, "hash", "col.dmc"), lines(t, "hash", "col.dmc", "-labels=false"))
	require.Equal(t, objects(t, "hash", "-undirected", "-first", "1", "list.txt")[0]["hash"],
		objects(t, "hash", "-labels=false", "col.dmc")[0]["hash"])
	require.Equal(t, lines(t, "hash", "-named", "names.csv")[0][1], objects(t, "hash", "-labels=false", "-first", "1", "list.txt")[0]["hash"])
	require.Empty(t, lines(t, "hash", "nothing"))
	require.Len(t, lines(t, "hash", "tu", "karate"), 13)
}

func TestWLCanonAndAut(t *testing.T) {
	someGraphs(t)
	two := lines(t, "canon", "two.g6")
	k4, p4 := two[0][3], two[1][3]
	require.Len(t, k4, 64)
	require.NotEqual(t, k4, p4)
	require.Equal(t, [][]string{{"two.g6:1", "4", "6", k4}, {"two.g6:2", "4", "3", p4}}, two)
	all := lines(t, "canon", "-write", "auto", "pairs.g6")
	require.Equal(t, []string{"pairs.g6:1", "4", "6", k4, "C~"}, all[0])
	require.Equal(t, all[1][4], all[2][4])
	require.Equal(t, all[1][4], all[3][4])
	require.Equal(t, "&", lines(t, "canon", "-write", "digraph6", "two.g6")[0][4][:1])
	require.Equal(t, ":", lines(t, "canon", "-write", "sparse6", "two.g6")[0][4][:1])
	require.Equal(t, "&", lines(t, "canon", "-write", "auto", "list.txt")[0][4][:1])

	require.Equal(t, [][]string{{"two.g6:1", "4", "6", "24", "3", "1"}, {"two.g6:2", "4", "3", "2", "1", "2"}}, lines(t, "aut", "two.g6"))
	require.Equal(t, [][]string{{"col.dmc:1", "3", "2", "1", "0", "3"}}, lines(t, "aut", "col.dmc"))
	require.Equal(t, [][]string{{"col.dmc:1", "3", "2", "2", "1", "2"}}, lines(t, "aut", "-labels=false", "col.dmc"))
	o := objects(t, "aut", "two.g6")[0]
	delete(o, "seconds")
	require.Equal(t, map[string]any{"file": "two.g6", "graph": 1.0, "n": 4.0, "m": 6.0, "order": "24", "generators": 3.0, "orbits": 1.0}, o)
}

// A small graph from a line of graph6 goes another way to its digest than one that is labelled, or whose form is asked for.
func TestWLCanonOfRows(t *testing.T) {
	someGraphs(t)
	var text []byte
	for n := range 7 {
		for g := range enumerate.Graphs(n) {
			text, _ = graphio.AppendGraph6(text, g)
			text = append(text, '\n')
		}
	}
	require.NoError(t, os.WriteFile("all.g6", text, 0o644))
	rows, forms := lines(t, "canon", "all.g6"), lines(t, "canon", "-write", "graph6", "all.g6")
	require.Len(t, rows, 1+1+2+4+11+34+156)
	for k, fields := range rows {
		require.Equal(t, forms[k][:4], fields)
	}
	for k, o := range objects(t, "canon", "all.g6") {
		require.Equal(t, rows[k][3], o["digest"])
	}
	require.Equal(t, [][]string{{"209 graphs", "209 classes"}}, lines(t, "classes", "-method", "canon", "all.g6"))
	require.Equal(t, 209.0, objects(t, "dedupe", "all.g6", "-timeout", "1h")[0]["views"].([]any)[0].(map[string]any)["classes"])
}

// BenchmarkCanonOfMany is the time of symbridge wl for the 12,346 graphs with eight nodes.
func BenchmarkCanonOfMany(b *testing.B) {
	b.Chdir(b.TempDir())
	var text []byte
	for g := range enumerate.Graphs(8) {
		text, _ = graphio.AppendGraph6(text, g)
		text = append(text, '\n')
	}
	require.NoError(b, os.WriteFile("8.g6", text, 0o644))
	for _, args := range []string{"canon", "classes -method canon"} {
		b.Run(args, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				require.Equal(b, exitOK, run(context.Background(), strings.Fields("wl "+args+" 8.g6"), nil, io.Discard, io.Discard))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/12346, "ns/graph")
		})
	}
}

// A graph that takes too long says so, and the next one is taken.
func TestWLTimeout(t *testing.T) {
	someGraphs(t)
	deep := lines(t, "hash", "-rounds", "40", "two.g6")
	k4, p4 := deep[0][1], deep[1][1]
	const limit = "50ms"
	late := "timeout after " + limit
	two := lines(t, "canon", "two.g6")
	slow(t)
	all := lines(t, "canon", "-timeout", limit, "slow.s6")
	require.Equal(t, [][]string{{"slow.s6:1", "4", "6", two[0][3]}, {"slow.s6:2", "160000", "199999", late}, {"slow.s6:3", "4", "3", two[1][3]}}, all)
	require.Equal(t, [][]string{{"slow.s6:1", k4}, {"slow.s6:2", late}, {"slow.s6:3", p4}}, lines(t, "hash", "-rounds", "40", "-timeout", limit, "slow.s6"))
	require.True(t, strings.HasPrefix(lines(t, "aut", "-timeout", limit, "slow.s6")[1][3], late))
	o := objects(t, "aut", "-timeout", limit, "slow.s6")
	require.Len(t, o, 3)
	require.Equal(t, true, o[1]["timeout"])
	require.NotContains(t, o[1], "order")
	require.GreaterOrEqual(t, o[1]["seconds"], 0.05)
	require.Equal(t, late, lines(t, "iso", "-timeout", limit, "slow.s6", "slow.s6")[1][2])
	o = objects(t, "iso", "-timeout", limit, "slow.s6", "slow.s6")
	require.Nil(t, o[1]["isomorphic"])
	require.Equal(t, true, o[2]["isomorphic"])
	require.Equal(t, [][]string{{"slow.s6:1", "0"}, {"slow.s6:2", late}, {"slow.s6:3", "1"}, {"3 graphs", "2 classes", "1 timeouts"}},
		lines(t, "classes", "-method", "canon", "-each", "-timeout", limit, "slow.s6"))
	view := objects(t, "dedupe", "-timeout", limit, "slow.s6")[0]["views"].([]any)[0].(map[string]any)
	require.Equal(t, 1.0, view["unfinished"])
	require.Equal(t, 3.0, view["classes"])

	late = "timeout after 1ns" // small graphs too, though nothing ends them
	require.Equal(t, [][]string{{"two.g6:1", "4", "6", late}, {"two.g6:2", "4", "3", late}}, lines(t, "canon", "-timeout", "1ns", "two.g6"))
	require.Equal(t, [][]string{{"2 graphs", "0 classes", "2 timeouts"}}, lines(t, "classes", "-method", "canon", "-timeout", "1ns", "two.g6"))

	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errs bytes.Buffer
	require.Equal(t, exitInterrupted, run(ctx, strings.Fields("wl canon slow.s6"), nil, &out, &errs))
	require.Equal(t, 1, strings.Count(errs.String(), "\n"))
}

func TestWLIso(t *testing.T) {
	someGraphs(t)
	require.Equal(t, [][]string{{"pairs.g6:1", "pairs.g6:2", "different"}, {"pairs.g6:3", "pairs.g6:4", "isomorphic"}},
		lines(t, "iso", "-mapping=false", "pairs.g6"))
	all := lines(t, "iso", "two.g6", "two.g6")
	require.Equal(t, []string{"two.g6:1", "two.g6:1", "isomorphic", "0,1,2,3"}, all[0])
	o := objects(t, "iso", "pairs.g6")
	require.Equal(t, false, o[0]["isomorphic"])
	require.NotContains(t, o[0], "mapping")
	require.Len(t, o[1]["mapping"], 4)
	require.Equal(t, map[string]any{"file": "pairs.g6", "graph": 4.0, "n": 4.0, "m": 3.0}, o[1]["b"])
}

func TestWLClasses(t *testing.T) {
	someGraphs(t)
	require.Equal(t, [][]string{{"6 graphs", "2 classes"}}, lines(t, "classes", "pairs.g6", "two.g6"))
	require.NoError(t, os.WriteFile("back.g6", []byte("C~\nCh\nC~\n"), 0o644))
	require.Equal(t, [][]string{{"3 graphs", "2 classes"}}, lines(t, "classes", "back.g6"))
	require.Equal(t, [][]string{{"2 pairs", "1 distinguished"}}, lines(t, "classes", "-pairs", "pairs.g6"))
	require.Equal(t, [][]string{{"two.g6:1", "0"}, {"two.g6:2", "1"}, {"2 graphs", "2 classes"}}, lines(t, "classes", "-each", "two.g6"))
	slow(t)
	require.Equal(t, [][]string{{"slow.s6:1", "0"}, {"slow.s6:2", "too large for 2fwl"}, {"slow.s6:3", "1"}, {"3 graphs", "2 classes", "1 too large"}},
		lines(t, "classes", "-method", "2fwl", "-each", "slow.s6"))
	require.Equal(t, 1.0, objects(t, "classes", "-method", "2fwl", "slow.s6")[0]["too_large"])
	o := objects(t, "classes", "-pairs", "pairs.g6")[0]
	delete(o, "seconds")
	require.Equal(t, map[string]any{"method": "1wl", "graphs": 4.0, "classes": 2.0, "pairs": 2.0, "distinguished": 1.0,
		"equal": []any{1.0}, "timeouts": 0.0}, o)
}

func TestWLDedupe(t *testing.T) {
	someGraphs(t)
	view := func(args ...string) map[string]any {
		views := objects(t, append([]string{"dedupe"}, args...)...)[0]["views"].([]any)
		return views[len(views)-1].(map[string]any)
	}
	v := view("tu") // six paths of 3 nodes in one class, six of 6 in the other
	require.Equal(t, map[string]any{"labels": "none", "classes": 2.0, "isomorphic": 12.0, "isomorphic_percent": 100.0, "copy_classes": 2.0,
		"largest": 6.0, "conflict_classes": 0.0, "conflict_graphs": 0.0, "accuracy_bound": 1.0, "unfinished": 0.0}, v)
	require.NoError(t, os.WriteFile("tu/T_graph_labels.txt", []byte(strings.Repeat("0\n", 9)+"1\n1\n1\n"), 0o644))
	require.NoError(t, os.WriteFile("tu/T_node_labels.txt", []byte(strings.Repeat("0\n", 53)+"1\n"), 0o644))
	v = view("tu", "-labels=false") // one of the short paths and two of the long ones have class 1
	require.Equal(t, []any{2.0, 2.0, 12.0, 0.75}, []any{v["classes"], v["conflict_classes"], v["conflict_graphs"], v["accuracy_bound"]})
	v = view("tu") // the last of them has a label of its own
	require.Equal(t, []any{"nodes", 3.0, 2.0, 11.0, 10.0 / 12}, []any{v["labels"], v["classes"], v["conflict_classes"], v["conflict_graphs"], v["accuracy_bound"]})

	require.NoError(t, os.Mkdir("folds", 0o755))
	require.NoError(t, os.WriteFile("folds/test_idx-1.txt", []byte("0\n2\n11\n"), 0o644))
	require.NoError(t, os.WriteFile("folds/test_idx-2.txt", []byte("10\n"), 0o644))
	v = view("-splits", "folds", "tu")
	require.Equal(t, []any{map[string]any{"test": "fold 1", "graphs": 3.0, "leaked": 2.0, "same_class": 2.0},
		map[string]any{"test": "fold 2", "graphs": 1.0, "leaked": 1.0, "same_class": 0.0}}, v["leaks"])

	v = view("two.g6", "pairs.g6", "col.dmc", "-labels=false")
	require.Equal(t, []any{map[string]any{"test": "pairs.g6", "graphs": 4.0, "leaked": 4.0, "same_class": 4.0},
		map[string]any{"test": "col.dmc", "graphs": 1.0, "leaked": 0.0, "same_class": 0.0}}, v["leaks"])
	require.NotContains(t, v, "accuracy_bound")

	r := runWL("dedupe", "-splits", "folds", "-list", "tu")
	for _, part := range []string{"12 graphs", "no labels", "labels of nodes", "with a copy", "12 of 12 (100.00 %)", "11 of 12 (91.67 %)",
		"11 in 2 classes", "75.00 %", "leaked, all folds", "\ntu:1\ttu:3\ttu:5"} {
		require.Contains(t, r.out, part)
	}
	require.Contains(t, runWL("dedupe", "two.g6", "pairs.g6").out, "leaked, pairs.g6")
}

// A graph that cannot be read says so in the place of what was asked for, and the next one is taken.
func TestWLFaults(t *testing.T) {
	someGraphs(t)
	fault := "error: graphio: faults.g6: graph6 line 2: matrix: 0 bytes, want 1: syntax error"
	require.NoError(t, os.WriteFile("faults.g6", []byte("C~\nC\n\nCh\n\x01\n"), 0o644))
	for _, c := range []struct {
		args string
		skip int // fields that are not known
	}{{"hash", 0}, {"hash -rounds 3", 0}, {"canon", 2}, {"canon -write graph6", 2}, {"aut", 2}} {
		good := lines(t, strings.Fields(c.args+" two.g6")...)
		r := runWL(strings.Fields(c.args + " faults.g6 big.dmc two.g6")...)
		require.Equal(t, exitUsage, r.code)
		require.Contains(t, r.err, ": 3 of 7 graphs cannot be read: graphio: faults.g6: graph6 line 2")
		require.Equal(t, 1, strings.Count(r.err, "\n"))
		got := strings.Split(strings.TrimSuffix(r.out, "\n"), "\n")
		require.Len(t, got, 7)
		skip := strings.Repeat("\t-", c.skip) + "\t"
		require.Equal(t, "faults.g6:2"+skip+fault, got[1])
		require.Contains(t, got[3], "faults.g6:4"+skip+"error: graphio: faults.g6: graph6 line 5: byte 0")
		require.Contains(t, got[4], "big.dmc:1"+skip+"error: graphio: big.dmc: DIMACS line 1: nodes \"99999999\": 99999999 nodes")
		for k, at := range []int{0, 2} {
			require.Equal(t, good[k][1+c.skip], strings.Split(got[at], "\t")[1+c.skip])
			require.Equal(t, good[k][1+c.skip], strings.Split(got[5+at/2], "\t")[1+c.skip])
		}
		r = runWL(strings.Fields(c.args + " -json faults.g6")...)
		require.Equal(t, exitUsage, r.code)
		require.Contains(t, r.out, `{"file":"faults.g6","graph":2,"error":"`+strings.TrimPrefix(fault, "error: ")+`"}`)
	}
}

// A file that cannot be read ends the run, after the lines of what came before; so does Ctrl-C, and then the graphs that cannot be read are
// not what the exit code says.
func TestWLFilesThatFail(t *testing.T) {
	someGraphs(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := io.WriteString(z, strings.Repeat("C~\n", 9))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	packed.Bytes()[12] ^= 0xff
	require.NoError(t, os.WriteFile("damaged.g6.gz", packed.Bytes(), 0o644))
	for _, file := range []string{"missing.g6", "damaged.g6.gz"} {
		r := runWL("hash", "odd.g6", file, "two.g6")
		require.Equal(t, exitUsage, r.code)
		require.Equal(t, 3, strings.Count(r.out, "\n"), r.out)
		require.Contains(t, r.err, "hash: graphio: "+file+": ")
	}
	var out, errs bytes.Buffer
	in := io.MultiReader(strings.NewReader(strings.Repeat("C~\nC\n", 1000)), iotest.ErrReader(errors.New("the line is dead")))
	require.Equal(t, exitUsage, run(context.Background(), []string{"wl", "hash", "-", "two.g6"}, in, &out, &errs))
	require.Equal(t, 2000, strings.Count(out.String(), "\n"))
	require.Contains(t, errs.String(), "the line is dead")

	out.Reset()
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	in = readerFunc(func(p []byte) (int, error) {
		if calls++; calls == 9 {
			cancel()
		}
		return copy(p, "C\n"), nil // for ever
	})
	require.Equal(t, exitInterrupted, run(ctx, []string{"wl", "canon", "-"}, in, &out, &errs))
	require.Contains(t, errs.String(), "context canceled")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestWLErrors(t *testing.T) {
	someGraphs(t)
	tiny(t, "both")
	require.NoError(t, os.WriteFile("both/T.txt", []byte("1\n1 0\n0 0\n"), 0o644))
	for _, c := range []struct{ args, want string }{
		{"", "want one of aut, canon"},
		{"fly", `unknown command "fly"`},
		{"hash", "no FILE is given"},
		{"hash -fly two.g6", "-fly"},
		{"hash missing.g6", "missing.g6"},
		{"hash two.g6 bad.g6", "1 of 4 graphs cannot be read: graphio: bad.g6: graph6 line 2"},
		{"classes bad.g6", "classes: graphio: bad.g6: graph6 line 2"},
		{"dedupe bad.g6 two.g6", "dedupe: graphio: bad.g6: graph6 line 2"},
		{"iso bad.g6", "iso: graphio: bad.g6: graph6 line 2"},
		{"hash bad.g6 -json", "bad.g6"},
		{"hash big.dmc", "99999999 nodes"},
		{"hash -rounds -1 two.g6", "-rounds is -1"},
		{"hash -format xyz two.g6", "unknown format"},
		{"hash -first 2 list.txt", "-first is 2"},
		{"hash names.csv", "line 2: source \"bob\": not a node number (set Named for names)"},
		{"iso - -", "stdin, -, can be read once"},
		{"aut -repeat 0 two.g6", "-repeat is 0"},
		{"hash -timeout 5 two.g6", `invalid value "5" for flag -timeout: want a number with a unit`},
		{"canon -timeout -1s two.g6", "-timeout is -1s"},
		{"canon -write gml two.g6", `-write is "gml"`},
		{"canon -write graph6 list.txt", "directed"},
		{"iso two.g6 two.g6 two.g6", "3 FILEs"},
		{"iso odd.g6", "odd.g6:3 has no partner"},
		{"iso two.g6 odd.g6", "odd.g6:3 has no partner"},
		{"iso odd.g6 two.g6", "odd.g6:3 has no partner"},
		{"classes -method none two.g6", "-method none: want canon, or one of 1wl"},
		{"classes -pairs odd.g6", "3 graphs, want pairs"},
		{"dedupe -splits missing tu", "folds"},
		{"dedupe -splits x two.g6 pairs.g6", "-splits is for one FILE"},
		{"dedupe two.g6 two.g6", "given twice"},
		{"dedupe -splits both both", "both holds graphs as tu and as gin, in orders of their own: say with -format"},
	} {
		r := runWL(strings.Fields(c.args)...)
		require.Equal(t, exitUsage, r.code, "%s: %s", c.args, r.out)
		require.Contains(t, r.err, c.want, c.args)
		require.Equal(t, 1, strings.Count(r.err, "\n"), "%s: one line, got %s", c.args, r.err)
	}
	for _, args := range []string{"wl -h", "wl hash two.g6", "wl canon two.g6", "wl aut two.g6", "wl iso two.g6 two.g6", "wl classes two.g6",
		"wl dedupe two.g6", "wl dedupe -json two.g6"} {
		var errs bytes.Buffer
		require.Equal(t, exitFailure, run(context.Background(), strings.Fields(args), nil, full{}, &errs), args)
		require.Contains(t, errs.String(), "disk full", args)
	}
}

// Graphs with a copy and classes of copies: without labels as in the orbits that the authors of Understanding isomorphism bias
// publish (github.com/nd7141/iso_bias, orbits/no_labels), with labels as networkx finds them. Their orbits/node_labels have more,
// for they compare the partition by labels and not the labels: MUTAG's 22, 28, 41 and 61 there have different halogens.
func TestWLDedupePublished(t *testing.T) {
	for _, c := range []struct {
		name   string
		copies [][2]float64
	}{{"mutag", [][2]float64{{79, 30}, {24, 11}, {0, 0}}}, {"proteins", [][2]float64{{151, 34}, {63, 19}}}, {"imdb-binary", [][2]float64{{579, 116}}}} {
		views := objects(t, "dedupe", shared(t, c.name))[0]["views"].([]any)
		for k, want := range c.copies {
			v := views[k].(map[string]any)
			require.Equal(t, want, [2]float64{v["isomorphic"].(float64), v["copy_classes"].(float64)}, "%s, labels %s", c.name, v["labels"])
		}
	}
}

// What refinement tells apart is known of these.
func TestWLOnSharedGraphs(t *testing.T) {
	for _, name := range []string{"basic", "regular", "extension"} {
		o := objects(t, "classes", "-pairs", filepath.Join(shared(t, "brec"), name+".npy"))[0]
		require.Equal(t, 0.0, o["distinguished"], "%s: 1-WL tells none apart", name)
	}
	o := objects(t, "classes", filepath.Join(shared(t, "sr25"), "sr251256.g6"))[0]
	require.Equal(t, []any{15.0, 1.0}, []any{o["graphs"], o["classes"]})
	all := objects(t, "hash", shared(t, "mutag"))
	require.Len(t, all, 188)
	require.Equal(t, 3721.0, func() (m float64) {
		for _, o := range all {
			m += o["m"].(float64)
		}
		return m
	}())
}
