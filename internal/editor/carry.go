package editor

// Carried are findings of an earlier state of the rulebook where they stand
// now, as far as their places have not been changed.
func (p *Project) Carried(found []Finding, of *Project) []Finding {
	if of == nil || of == p {
		return found
	}
	var all []Finding
	for _, f := range found {
		before, now := of.Text(f.Path), p.Text(f.Path)
		if before == nil || now == nil {
			continue
		}
		if at, ok := carried(before.s, now.s, f.Range); ok {
			f.Range = at
			f.Related = nil
			all = append(all, f)
		}
	}
	return all
}

// carried is where a stretch of a text stands in a later one; false where it
// has been changed.
func carried(before, now string, at Range) (Range, bool) {
	shortest := min(len(before), len(now))
	same := 0
	for same < shortest && before[same] == now[same] {
		same++
	}
	if at.End <= same {
		return at, true
	}
	tail := 0
	for tail < shortest-same && before[len(before)-1-tail] == now[len(now)-1-tail] {
		tail++
	}
	if at.Start < len(before)-tail {
		return Range{}, false
	}
	return Range{at.Start + len(now) - len(before), at.End + len(now) - len(before)}, true
}
