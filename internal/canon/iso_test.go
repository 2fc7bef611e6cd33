package canon

import (
	"compress/gzip"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"symbridge/graph/graphio"
	"symbridge/internal/cells"
)

// cpu returns the time of this thread.
func cpu() time.Duration {
	var ts unix.Timespec
	unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts)
	return time.Duration(ts.Nano())
}

func TestIsoAll(t *testing.T) {
	dir := os.Getenv("ISOALL")
	if dir == "" {
		t.Skip("ISOALL")
	}
	runtime.LockOSThread()
	b, _ := os.ReadFile(filepath.Join(dir, "EXPECTED.tsv"))
	want := map[string]string{}
	var files []string
	for _, l := range strings.Split(string(b), "\n") {
		f := strings.Split(l, "\t")
		if len(f) < 5 || strings.HasPrefix(f[0], "#") {
			continue
		}
		want[f[0]+" "+f[1]] = f[4]
		if f[1] == "1" {
			files = append(files, f[0])
		}
	}
	total, slow := 0, 0
	for _, name := range files {
		if only := os.Getenv("ONLY"); only != "" && !strings.Contains(name, only) {
			continue
		}
		var gs []*cells.Graph
		path := filepath.Join(dir, name)
		if strings.HasSuffix(name, ".dmc") {
			g, _ := readCol(t, path)
			gs = append(gs, g)
		} else {
			f, err := os.Open(path)
			if err != nil {
				fmt.Println(err)
				continue
			}
			z, _ := gzip.NewReader(f)
			for g, err := range graphio.Graph6(io.Reader(z), graphio.Limits{}) {
				if err != nil {
					t.Fatal(err)
				}
				s := g.In()
				gs = append(gs, &cells.Graph{N: g.NumNodes(), Ptr: s.Ptr, Adj: s.Row})
			}
		}
		var sum, worst time.Duration
		worstK := 0
		for k, g := range gs {
			var stop atomic.Bool
			timer := time.AfterFunc(10*time.Second, func() { stop.Store(true) })
			start := cpu()
			r := Canonise(g, nil, Options{Stop: &stop})
			d := cpu() - start
			timer.Stop()
			total++
			sum += d
			if d > worst {
				worst, worstK = d, k
			}
			w := want[fmt.Sprint(name, " ", k+1)]
			if !r.Complete {
				slow++
				fmt.Println(name, k+1, g.N, len(g.Adj)/2, "stopped")
				continue
			}
			if r.Size.String() != w && w != "" {
				t.Errorf("%s %d: %s want %s", name, k+1, r.Size, w)
			}
		}
		if len(gs) > 1 || worst > 20*time.Millisecond {
			fmt.Printf("%s: %d graphs %v worst %d (n=%d) %v\n", name, len(gs), sum, worstK+1, gs[worstK].N, worst)
		}
	}
	fmt.Println(total, "graphs", slow, "stopped")
}
