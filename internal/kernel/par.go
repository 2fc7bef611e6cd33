package kernel

import (
	"reflect"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// A task is a kernel call with its operands: Run does items lo..hi-1. Items are independent, so that how they are cut
// cannot show in a bit.
type task interface{ Run(lo, hi int) }

// job is one call of a task that several workers share. Each has a share of the items, the same share of every job over as many items, so
// that rows stay in the cache of one core from kernel to kernel; who is done early draws chunks from the shares of others.
type job struct {
	task   task
	shares []share
	chunk  int
	left   sync.WaitGroup
	done   atomic.Int64 // helpers that are through with this job and will not look at it again
	panic  atomic.Value // what a worker panicked with
}

// share is what is left of the items next..end-1.
type share struct {
	next atomic.Int64
	end  int
	_    [48]byte // a cache line each
}

// work does the share of worker id, then what is left of the others.
func (j *job) work(id int) {
	for k := range j.shares {
		s := &j.shares[(id+k)%len(j.shares)]
		for {
			lo := int(s.next.Add(int64(j.chunk))) - j.chunk
			if lo >= s.end {
				break
			}
			j.task.Run(lo, min(lo+j.chunk, s.end))
		}
	}
}

// share deals n items out to so many workers.
func (j *job) share(n, among int) {
	if cap(j.shares) < among {
		j.shares = make([]share, among)
	}
	j.shares = j.shares[:among]
	for i := range j.shares {
		j.shares[i].next.Store(int64(n) * int64(i) / int64(among))
		j.shares[i].end = int(int64(n) * int64(i+1) / int64(among))
	}
	j.chunk = max(1, n/(4*among))
}

// The standing workers are started on first need, up to GOMAXPROCS-1. A worker that has just helped watches its slot for a while, since
// the next kernel of a step comes within microseconds and waking a thread takes longer than many kernels; then it closes the slot
// and waits on the unbuffered queue. So a job goes only to a worker that is idle,
// and one that has not begun by the end is taken back.
type worker struct {
	id   int                 // 1.., the caller is 0
	slot atomic.Pointer[job] // nil: give me one; &closed: do not
}

var (
	workers atomic.Pointer[[]*worker]
	growing sync.Mutex
	closed  job
	queue   = make(chan *job)
	jobs    = sync.Pool{New: func() any { return new(job) }}
)

// watch is how often an idle worker looks at its slot before it goes to sleep, and a caller at the last helper: about a hundred
// microseconds.
const watch = 400_000

func (w *worker) run() {
	for {
		w.slot.Store(nil)
		for range watch {
			if w.slot.Load() != nil {
				break
			}
		}
		if w.slot.CompareAndSwap(nil, &closed) {
			(<-queue).help(w.id)
			continue
		}
		if j := w.slot.Swap(&closed); j != nil { // else the caller took it back
			j.help(w.id)
		}
	}
}

// help works on j and hands a panic to the caller, who can recover from it; a worker has nobody to.
func (j *job) help(id int) {
	defer j.done.Add(1)
	defer j.left.Done()
	j.guarded(id)
}

// guarded works on j and keeps a panic for the end of the job: nobody may leave while others still use the operands.
func (j *job) guarded(id int) {
	defer func() {
		if p := recover(); p != nil {
			j.panic.CompareAndSwap(nil, fault{p})
		}
	}()
	j.work(id)
}

// ready returns the workers, at least n of them.
func ready(n int) []*worker {
	if all := workers.Load(); all != nil && len(*all) >= n {
		return *all
	}
	growing.Lock()
	defer growing.Unlock()
	var all []*worker
	if old := workers.Load(); old != nil {
		all = slices.Clone(*old)
	}
	for len(all) < n {
		w := &worker{id: len(all) + 1}
		w.slot.Store(&closed)
		all = append(all, w)
		go w.run()
	}
	workers.Store(&all)
	return all
}

// fault is what was panicked with.
type fault struct{ value any }

// minCost is the work, in nanoseconds, from which a share of it is worth handing to a worker that watches; wakeCost that from which one
// is worth waking.
const (
	minCost  = 3_000
	wakeCost = 30_000
)

// cost returns the time of so many element operations, in nanoseconds, where there is assembly for float32.
func cost[T Float](operations int) int {
	if _, single := any(T(0)).(float32); single && hasAVX2 {
		return operations / 8
	}
	return operations
}

// dispatch runs t over n items that take about cost nanoseconds together.
func dispatch(n, cost int, t task) {
	procs := runtime.GOMAXPROCS(0)
	if procs == 1 || n < 2 || cost < 2*minCost {
		if n > 0 {
			t.Run(0, n)
		}
		return
	}
	helpers := min(procs, n, cost/minCost) - 1
	j := jobs.Get().(*job)
	j.task = t
	j.share(n, helpers+1)
	j.done.Store(0)
	taken := int64(0)
	all := ready(procs - 1)
	for _, w := range all {
		if taken == int64(helpers) {
			break
		}
		j.left.Add(1)
		if !w.slot.CompareAndSwap(nil, j) {
			j.left.Done()
			continue
		}
		taken++
	}
	for wake := min(helpers, cost/wakeCost-1); taken < int64(wake); taken++ {
		j.left.Add(1)
		select {
		case queue <- j:
			continue
		default:
		}
		j.left.Done()
		break
	}
	j.guarded(0)
	for _, w := range all { // a worker whose goroutine does not run at present has nothing left to do
		if w.slot.Load() == j && w.slot.CompareAndSwap(j, nil) {
			j.left.Done()
			taken--
		}
	}
	for k := 0; k < watch && j.done.Load() < taken; k++ {
	}
	j.left.Wait()
	for j.done.Load() < taken {
		runtime.Gosched()
	}
	if f, ok := j.panic.Load().(fault); ok {
		panic(f.value) // the job is not used again
	}
	j.task = nil
	jobs.Put(j)
}

// pools holds a free list for each type of task, so that a kernel call allocates nothing once warm.
var pools sync.Map // reflect.Type -> *sync.Pool

// run performs the task k over n items that take about cost nanoseconds together.
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
