package load

import (
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/internal/source"
	"github.com/servicerules/rulebook/policy"
)

// zone reads a time zone; nil where none is named.
func (l *loader) zone(z *source.Node) *time.Location {
	if z == nil || !l.isScalar(z, policy.Text{ZH: "时区", EN: "the zone"}) {
		return nil
	}
	zone, err := time.LoadLocation(z.Text)
	if err == nil && z.Text != "Local" {
		l.withoutSummerTime(z)
		return zone
	}
	remedy := diagnostic.Textf("写 IANA 时区数据库里的名称，即“洲/城市”", "write the name of a zone of the IANA database, Continent/City")
	near := zonesMeant[strings.ToLower(z.Text)]
	if near == "" {
		near = diagnostic.Nearest(z.Text, usualZones)
	}
	for _, usual := range usualZones { // a city alone
		if _, city, _ := strings.Cut(usual, "/"); city != "" && strings.EqualFold(strings.ReplaceAll(z.Text, " ", "_"), city) {
			near = usual
		}
	}
	if near != "" {
		remedy = diagnostic.Textf("是否指 %s？要写 IANA 时区数据库里的名称", "did you mean %s? It must be a name of the IANA database", near)
	}
	l.fail("unknown_zone", z, diagnostic.Textf("没有名为 %q 的时区", "there is no time zone %q", z.Text), remedy)
	return nil
}

// zonesMeant are names that people have for the clocks of some zones.
var zonesMeant = map[string]string{
	"asia/beijing": "Asia/Shanghai", "beijing": "Asia/Shanghai", "china": "Asia/Shanghai", "北京": "Asia/Shanghai", "北京时间": "Asia/Shanghai", "中国": "Asia/Shanghai", "上海": "Asia/Shanghai",
	"utc+8": "Asia/Shanghai", "gmt+8": "Asia/Shanghai", "+08:00": "Asia/Shanghai",
}

// usualZones are those that may be meant where there is no zone of a name; the
// database of all of them cannot be listed.
var usualZones = []string{
	"Asia/Shanghai", "Asia/Hong_Kong", "Asia/Taipei", "Asia/Singapore", "Asia/Tokyo", "Asia/Kolkata", "Europe/London", "Europe/Paris",
	"Europe/Berlin", "Europe/Madrid", "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Australia/Sydney", "UTC",
}

// abbreviated are abbreviations that are zones of the database, too, in which clocks
// never change, though they do where people mean by them.
var abbreviated = map[string]string{"EST": "America/New_York", "MST": "America/Denver"}

func (l *loader) withoutSummerTime(z *source.Node) {
	if city := abbreviated[z.Text]; city != "" {
		l.warn("zone_without_summer_time", z, diagnostic.Textf("时区 %s 全年不调时钟，没有夏令时", "in %s clocks never change: it has no summer time", z.Text),
			diagnostic.Textf("有夏令时的写 %s；确实没有的，写城市，如 America/Panama、America/Phoenix", "write %s where there is summer time; where there is none, a city such as America/Panama or America/Phoenix", city))
	}
}
