package policy

func sampleParameter(kind string) string {
	switch kind {
	case "clock_time":
		return "18:00"
	case "percent":
		return "50"
	default:
		return "2"
	}
}
