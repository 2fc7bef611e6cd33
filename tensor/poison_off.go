//go:build !symdebug

package tensor

const poison = false
