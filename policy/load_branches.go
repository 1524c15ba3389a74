package policy

// Sample is the choice of an option, with some argument where it takes one.
func (o *ReadingOption) Sample() Choice {
	c := Choice{Option: o.Name}
	if o.Parameter != "" {
		c.Parameter = sampleParameter(o.Parameter)
	}
	return c
}
