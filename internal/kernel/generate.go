package kernel

//go:generate go -C ../asmgen run .
