package policy

// Compiled is how many editions the engine has compiled.
func (e *Engine) Compiled() int { return int(e.editions.compiled.Load()) }

// Editions is how many editions the rulebook has.
func (b *Rulebook) Editions() int { return len(b.boundaries) }
