package value

import (
	"strconv"
	"strings"
)

// appendISO appends a length of time in nanoseconds as ISO 8601 writes it, in
// hours, minutes and seconds: PT36H, PT4M19S, -PT0.5S. A day is no length of
// time: some are longer than others.
func appendISO(dst []byte, n int64) []byte {
	const second, minute, hour = 1_000_000_000, 60, 3600
	whole := magnitude(n)
	if n < 0 {
		dst = append(dst, '-')
	}
	seconds, nano := whole/second, whole%second
	dst = append(dst, "PT"...)
	from := len(dst)
	if h := seconds / hour; h > 0 {
		dst = append(strconv.AppendUint(dst, h, 10), 'H')
	}
	if m := seconds % hour / minute; m > 0 {
		dst = append(strconv.AppendUint(dst, m, 10), 'M')
	}
	if s := seconds % minute; s > 0 || nano > 0 || len(dst) == from {
		dst = strconv.AppendUint(dst, s, 10)
		if nano > 0 {
			text := strconv.FormatUint(second+nano, 10)[1:]
			dst = append(append(dst, '.'), strings.TrimRight(text, "0")...)
		}
		dst = append(dst, 'S')
	}
	return dst
}
