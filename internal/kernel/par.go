package kernel

import (
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
)

// A task is a kernel call with its operands: Run does items lo..hi-1. Items are independent, so that how they are cut
// cannot show in a bit.
type task interface{ Run(lo, hi int) }

// job is one call of a task that several workers share. Workers draw chunks from next until none is left.
type job struct {
	task  task
	next  atomic.Int64
	n     int
	chunk int
	left  sync.WaitGroup
	panic atomic.Value // what a worker panicked with
}

func (j *job) work() {
	for {
		lo := int(j.next.Add(int64(j.chunk))) - j.chunk
		if lo >= j.n {
			return
		}
		j.task.Run(lo, min(lo+j.chunk, j.n))
	}
}

// The standing workers. They are started on first need, up to GOMAXPROCS-1, and wait on an unbuffered channel: a job goes
// only to a worker that is idle, and never waits for one.
var (
	queue   = make(chan *job)
	started atomic.Int64
	jobs    = sync.Pool{New: func() any { return new(job) }}
)

func worker() {
	for j := range queue {
		j.help()
	}
}

// help works on j and hands a panic to the caller, who can recover from it; a worker has nobody to.
func (j *job) help() {
	defer j.left.Done()
	defer func() {
		if p := recover(); p != nil {
			j.panic.CompareAndSwap(nil, fault{p})
		}
	}()
	j.work()
}

// fault is what was panicked with.
type fault struct{ value any }

// minCost is the work, in element operations of about a nanosecond, below which a second worker costs more than it gives.
const minCost = 40_000

// dispatch runs t over n items that cost about cost element operations together.
func dispatch(n, cost int, t task) {
	procs := runtime.GOMAXPROCS(0)
	if procs == 1 || n < 2 || cost < 2*minCost {
		if n > 0 {
			t.Run(0, n)
		}
		return
	}
	helpers := min(procs, n, cost/minCost) - 1
	for s := started.Load(); s < int64(procs-1); s = started.Load() {
		if started.CompareAndSwap(s, s+1) {
			go worker()
		}
	}
	j := jobs.Get().(*job)
	j.task, j.n = t, n
	j.next.Store(0)
	j.chunk = max(1, n/(4*(helpers+1)))
	for range helpers {
		j.left.Add(1)
		select {
		case queue <- j:
		default:
			j.left.Done()
		}
	}
	j.work()
	j.left.Wait()
	if f, ok := j.panic.Load().(fault); ok {
		panic(f.value) // the job is not used again
	}
	j.task = nil
	jobs.Put(j)
}

// pools holds a free list for each type of task, so that a kernel call allocates nothing once warm.
var pools sync.Map // reflect.Type -> *sync.Pool

// run performs the task k over n items of about cost element operations together.
func run[K any, P interface {
	*K
	task
}](n, cost int, k K) {
	key := reflect.TypeFor[K]()
	v, ok := pools.Load(key)
	if !ok {
		v, _ = pools.LoadOrStore(key, &sync.Pool{New: func() any { return new(K) }})
	}
	pool := v.(*sync.Pool)
	t := pool.Get().(*K)
	*t = k
	dispatch(n, cost, P(t))
	var zero K
	*t = zero // keep no operand alive
	pool.Put(t)
}

// scratch is reusable memory of one running chunk.
type scratch struct {
	acc []int64
	f64 []float64
	m   []float64
	f32 []float32
	u32 []uint32
	u64 []uint64
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// grow returns s with length n and arbitrary content.
func grow[E any](s []E, n int) []E {
	if cap(s) < n {
		return make([]E, n, n+n/4)
	}
	return s[:n]
}
