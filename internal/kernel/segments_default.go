//go:build !amd64 || purego

package kernel

func (a *segSum32) fastMaxima(s, p0, p1 int, f *sums32) int { return 0 }

func (a *segSum32) fastAdd(s, p0, p1 int, f *sums32) int { return 0 }

func (a *segSum32) fastGrids(excess int, f *sums32) bool { return false }

func (a *segSum32) fastFinish(n int, f *sums32, out []float32) {}

func (a *segSum32) fast(from, to int) int { return 0 }

func (a *segArgs[T]) perTerm() float64 { return 3 }

func centredVar[T Float](out, x, mean []T, d int, seg Seg) bool { return false }

func (a *segArgs[T]) columns(positions int) bool { return false }
