package policy

const (
	MaxFactBytes = 1 << 20
	MaxDepth     = 32
	MaxItems     = 1000
)
