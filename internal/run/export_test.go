package run

// Compiled is how many editions the engine, and those made from it, have
// compiled.
func Compiled(e *Engine) int { return int(e.editions.Shared.Compiled.Load()) }

// Conclusions is how many the first edition remembers that answers the
// question.
func Conclusions(e *Engine, question string) int {
	ed, refused := e.editions.Of(e.book.QuestionsByID[question], 0)
	if refused != nil {
		panic(refused)
	}
	return ed.Conclusions.Len()
}
