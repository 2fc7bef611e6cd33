//go:build symdebug

package tensor

const poison = true
