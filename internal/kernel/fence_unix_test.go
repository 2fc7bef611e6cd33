//go:build unix

package kernel

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// fenced is memory for operands, each between two pages that may not be touched: it ends at the second, or begins after the
// first. An access past that end is a fault, not a wrong number that nobody notices.
type fenced struct {
	slots  [][]byte // what may be touched
	next   int
	before bool // operands begin at the fence
}

// slotBytes is more than the largest operand of the shapes takes.
const slotBytes = 2 << 20

func newFenced(t testing.TB, slots int) *fenced {
	t.Helper()
	page := unix.Getpagesize()
	step := page + slotBytes
	all, err := unix.Mmap(-1, 0, slots*step+page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, unix.Munmap(all)) })
	f := &fenced{}
	for i := range slots + 1 {
		require.NoError(t, unix.Mprotect(all[i*step:i*step+page], unix.PROT_NONE))
		if i < slots {
			f.slots = append(f.slots, all[i*step+page:(i+1)*step])
		}
	}
	return f
}

// room returns memory for an operand that does not overlap those since the last reset.
func (f *fenced) room(bytes int) unsafe.Pointer {
	slot := f.slots[f.next]
	f.next++
	if bytes > len(slot) {
		panic(fmt.Sprintf("an operand of %d bytes: raise slotBytes", bytes))
	}
	if f.before {
		return unsafe.Pointer(&slot[0])
	}
	return unsafe.Add(unsafe.Pointer(&slot[0]), len(slot)-bytes)
}

// touch calls f and returns the fault that it ran into, if any.
func touch(f func()) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		switch p := recover().(type) {
		case nil:
		case runtime.Error:
			err = p
			var fault interface{ Addr() uintptr }
			if errors.As(p, &fault) {
				err = fmt.Errorf("%w at %#x", p, fault.Addr())
			}
		default:
			panic(p)
		}
	}()
	f()
	return nil
}

// No kernel reads or writes outside its operands, on any implementation.
func TestFences(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: one goroutine has no races, and the detector is slow")
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // a fault is a panic on the goroutine that asked for it only
	f := newFenced(t, 240)
	testFences[float32](t, f)
	testFences[float64](t, f)
}

func testFences[T Float](t *testing.T, f *fenced) {
	for _, road := range implementations(t) {
		for _, e := range table[T]() {
			for s := range shapes {
				draw := tame[T]
				if (s.r+s.d)%3 == 0 {
					draw = wild[T]
				}
				for _, f.before = range []bool{false, true} {
					f.next = 0
					err := touch(func() { road.run(func() { called(e, s, draw, f.room) }) })
					if err != nil {
						t.Fatalf("%s[%T] on %s, %+v, operands that begin at the fence %v: %v", e.name, T(0), road.name, s, f.before, err)
					}
				}
			}
		}
	}
}

// A read or a write of one element too many is caught, at both ends.
func TestFencesCatch(t *testing.T) {
	f := newFenced(t, 1)
	for _, f.before = range []bool{false, true} {
		for _, n := range []int{0, 1, 1000} {
			f.next = 0
			o := &operands[float32]{rng: rand.New(rand.NewPCG(1, 2)), draw: tame[float32], memory: f.room}
			x := unsafe.Pointer(unsafe.SliceData(o.in(n)))
			past := (*float32)(unsafe.Add(x, 4*n))
			if f.before {
				past = (*float32)(unsafe.Add(x, -4))
			}
			var v float32
			require.ErrorContains(t, touch(func() { v = *past }), "at 0x")
			require.ErrorContains(t, touch(func() { *past = v }), "at 0x")
			require.NoError(t, touch(func() {
				if n > 0 {
					v = *(*float32)(x)
				}
			}))
		}
	}
}
