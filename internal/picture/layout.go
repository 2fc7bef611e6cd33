package picture

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"symbridge/graph"
)

// point is a place in the plane.
type point struct{ x, y float64 }

func (p point) plus(q point) point            { return point{p.x + q.x, p.y + q.y} }
func (p point) minus(q point) point           { return point{p.x - q.x, p.y - q.y} }
func (p point) times(f float64) point         { return point{p.x * f, p.y * f} }
func (p point) length() float64               { return math.Sqrt(p.x*p.x + p.y*p.y) }
func (p point) turned(cos, sin float64) point { return point{p.x*cos - p.y*sin, p.x*sin + p.y*cos} }

// sketch is the simple undirected graph that a layout sees: nodes in the order of their identities, neighbours ascending,
// no loops and no parallel edges.
type sketch struct {
	node []int32   // the node of the graph that a node of the sketch stands for
	nbr  [][]int32 // neighbours, in numbers of the sketch
}

// sketchOf returns the sketch of g, which does not depend on how g is labelled.
func sketchOf(g *graph.Graph) *sketch {
	n := g.NumNodes()
	s := &sketch{node: make([]int32, n), nbr: make([][]int32, n)}
	for v := range s.node {
		s.node[v] = int32(v)
	}
	if ids := g.NodeIDs(); ids != nil {
		slices.SortStableFunc(s.node, func(a, b int32) int { return cmp.Compare(ids[a], ids[b]) })
	}
	place := make([]int32, n)
	for i, v := range s.node {
		place[v] = int32(i)
	}
	for _, e := range g.Edges() {
		if u, v := place[e[0]], place[e[1]]; u != v {
			s.nbr[u], s.nbr[v] = append(s.nbr[u], v), append(s.nbr[v], u)
		}
	}
	for u := range s.nbr {
		slices.Sort(s.nbr[u])
		s.nbr[u] = slices.Compact(s.nbr[u])
	}
	return s
}

// components returns the connected components, each with its nodes ascending, the largest first.
func (s *sketch) components() [][]int32 {
	var out [][]int32
	seen := make([]bool, len(s.nbr))
	for r := range s.nbr {
		if seen[r] {
			continue
		}
		seen[r] = true
		c := []int32{int32(r)}
		for i := 0; i < len(c); i++ {
			for _, v := range s.nbr[c[i]] {
				if !seen[v] {
					seen[v] = true
					c = append(c, v)
				}
			}
		}
		slices.Sort(c)
		out = append(out, c)
	}
	slices.SortStableFunc(out, func(a, b []int32) int { return cmp.Compare(len(b), len(a)) })
	return out
}

// part returns the sketch of one component.
func (s *sketch) part(nodes []int32) *sketch {
	place := make(map[int32]int32, len(nodes)) // only looked up
	for i, v := range nodes {
		place[v] = int32(i)
	}
	p := &sketch{node: nodes, nbr: make([][]int32, len(nodes))}
	for i, v := range nodes {
		p.nbr[i] = make([]int32, len(s.nbr[v]))
		for k, w := range s.nbr[v] {
			p.nbr[i][k] = place[w]
		}
	}
	return p
}

// distances returns the number of steps from one node of a connected sketch to each other.
func (s *sketch) distances(from int32) []int32 {
	d := make([]int32, len(s.nbr))
	for i := range d {
		d[i] = -1
	}
	d[from] = 0
	queue := []int32{from}
	for i := 0; i < len(queue); i++ {
		for _, v := range s.nbr[queue[i]] {
			if d[v] < 0 {
				d[v] = d[queue[i]] + 1
				queue = append(queue, v)
			}
		}
	}
	return d
}

// stressNodes is the size up to which every pair of nodes takes part in the layout.
const stressNodes = 300

// layout places each node of the sketch, component by component, in a picture whose width is about aspect times its
// height. Distances are in steps of the graph.
func (s *sketch) layout(seed uint64, aspect float64) []point {
	at := make([]point, len(s.nbr))
	var boxes []box
	for _, nodes := range s.components() {
		rng := rand.New(rand.NewPCG(seed, uint64(len(nodes))))
		p := s.part(nodes)
		places := p.pivots(rng)
		if len(nodes) <= stressNodes {
			p.stress(places, rng)
		} else {
			p.forces(places)
		}
		upright(places)
		boxes = append(boxes, newBox(nodes, places))
	}
	pack(boxes, aspect)
	for _, b := range boxes {
		for i, v := range b.nodes {
			at[v] = b.places[i].plus(b.corner)
		}
	}
	return at
}

// pivots places a connected sketch by classical scaling of the distances to a few pivots. (Brandes and Pich 2006,
// Eigensolver methods for progressive multidimensional scaling of large data.) Nodes with equal distances are set apart
// by a little noise.
func (s *sketch) pivots(rng *rand.Rand) []point {
	n := len(s.nbr)
	k := min(n, 40)
	nearest := make([]int32, n)
	for i := range nearest {
		nearest[i] = math.MaxInt32
	}
	rows := make([][]float64, k) // rows[j][i]: centred squared distance of node i to pivot j
	next := int32(0)
	for j := range rows {
		d := s.distances(next)
		rows[j] = make([]float64, n)
		mean := 0.0
		for i, steps := range d {
			rows[j][i] = float64(steps) * float64(steps)
			mean += rows[j][i]
			nearest[i] = min(nearest[i], steps)
		}
		mean /= float64(n)
		for i := range rows[j] {
			rows[j][i] -= mean
		}
		for i := range nearest {
			if nearest[i] > nearest[next] {
				next = int32(i)
			}
		}
	}
	for i := range n {
		mean := 0.0
		for j := range rows {
			mean += rows[j][i] / float64(k)
		}
		for j := range rows {
			rows[j][i] = (mean - rows[j][i]) / 2
		}
	}
	gram := make([][]float64, k)
	for a := range gram {
		gram[a] = make([]float64, k)
		for b := range gram[a] {
			for i := range n {
				gram[a][b] += rows[a][i] * rows[b][i]
			}
		}
	}
	x, y := principal(gram, nil, rng), []float64(nil)
	y = principal(gram, x, rng)
	at := make([]point, n)
	for i := range at {
		for j := range rows {
			at[i] = at[i].plus(point{rows[j][i] * x[j], rows[j][i] * y[j]})
		}
	}
	s.unit(at)
	for i := range at {
		at[i] = at[i].plus(point{rng.Float64() - 0.5, rng.Float64() - 0.5}.times(0.4))
	}
	return at
}

// principal returns the leading eigenvector of a symmetric matrix, orthogonal to the one that is given, by power iteration.
func principal(m [][]float64, against []float64, rng *rand.Rand) []float64 {
	v, w := make([]float64, len(m)), make([]float64, len(m))
	for i := range v {
		v[i] = rng.Float64() - 0.5
	}
	for range 100 {
		dot := 0.0
		for i := range against {
			dot += v[i] * against[i]
		}
		for i := range against {
			v[i] -= dot * against[i]
		}
		norm := 0.0
		for a := range m {
			w[a] = 0
			for b := range m {
				w[a] += m[a][b] * v[b]
			}
			norm += w[a] * w[a]
		}
		if norm == 0 {
			break
		}
		norm = math.Sqrt(norm)
		for i := range v {
			v[i] = w[i] / norm
		}
	}
	return v
}

// unit scales places so that edges are one long in the mean, if they have a length.
func (s *sketch) unit(at []point) {
	sum, edges := 0.0, 0
	for u, nbr := range s.nbr {
		for _, v := range nbr {
			sum += at[u].minus(at[v]).length()
			edges++
		}
	}
	if sum > 0 {
		for i := range at {
			at[i] = at[i].times(float64(edges) / sum)
		}
	}
}

// stress moves places towards distances of as many units as there are steps between two nodes, near pairs weighing more,
// pair by pair with a shrinking step. (Zheng, Pawar, Goodman 2019, Graph drawing by stochastic gradient descent.)
func (s *sketch) stress(at []point, rng *rand.Rand) {
	type pair struct {
		a, b  int32
		steps float64
	}
	var pairs []pair
	longest := 1.0
	for a := range s.nbr {
		for b, steps := range s.distances(int32(a)) {
			if b > a {
				pairs = append(pairs, pair{int32(a), int32(b), float64(steps)})
				longest = max(longest, float64(steps))
			}
		}
	}
	const rounds = 80
	rate := longest * longest
	decay := math.Pow(0.02/rate, 1.0/(rounds-1))
	for range rounds {
		rng.Shuffle(len(pairs), func(i, j int) { pairs[i], pairs[j] = pairs[j], pairs[i] })
		for _, p := range pairs {
			gap := at[p.a].minus(at[p.b])
			length := gap.length()
			if length == 0 {
				continue // the noise of the start makes this rare, and other pairs part them
			}
			move := gap.times(min(rate/(p.steps*p.steps), 1) * (length - p.steps) / (2 * length))
			at[p.a], at[p.b] = at[p.a].minus(move), at[p.b].plus(move)
		}
		rate *= decay
	}
}

// upright turns places about their centre so that they are widest from left to right.
func upright(at []point) {
	var mean point
	for _, p := range at {
		mean = mean.plus(p.times(1 / float64(len(at))))
	}
	var xx, xy, yy float64
	for i, p := range at {
		p = p.minus(mean)
		at[i] = p
		xx, xy, yy = xx+p.x*p.x, xy+p.x*p.y, yy+p.y*p.y
	}
	// The axis (cos, sin) of the largest variance, by the half-angle formulas.
	half, root := (xx-yy)/2, math.Sqrt((xx-yy)*(xx-yy)/4+xy*xy)
	if root == 0 {
		return
	}
	cos, sin := math.Sqrt(max(0, (1+half/root)/2)), math.Sqrt(max(0, (1-half/root)/2))
	if xy < 0 {
		sin = -sin
	}
	for i, p := range at {
		at[i] = p.turned(cos, -sin)
	}
}
