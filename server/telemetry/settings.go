package telemetry

import (
	"crypto/tls"
	"crypto/x509"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/servicerules/rulebook/diagnostic"
)

// Settings are what the variables of the environment say, as far as it is looked at
// here; the exporter and the SDK read the rest of them by themselves.
type Settings struct {
	// Endpoint is where traces are sent to, without what else an address may hold.
	Endpoint string
	// Callers says that the trace of a caller is carried on.
	Callers bool
}

// Fault is a variable that says what cannot be.
type Fault struct {
	Variable        string
	Message, Remedy diagnostic.Text
}

// Error is what is wrong, in English.
func (f *Fault) Error() string { return f.Message.EN + "; " + f.Remedy.EN }

// variables are those of the environment.
type variables func(name string) string

// get is the value of the first of some variables that has one.
func (v variables) get(names ...string) (name, value string) {
	for _, name := range names {
		if value := strings.TrimSpace(v(name)); value != "" {
			return name, value
		}
	}
	return names[0], ""
}

// otlp are the variables of the exporter: one of traces alone comes before one of all
// that is sent.
func (v variables) otlp(what string) (name, value string) {
	return v.get("OTEL_EXPORTER_OTLP_TRACES_"+what, "OTEL_EXPORTER_OTLP_"+what)
}

// Read reads the variables; nil where they name no address to send traces to, or say
// that none are sent. The error is a *Fault.
func Read(environment func(name string) string) (*Settings, error) {
	v := variables(environment)
	if _, off := v.get("OTEL_SDK_DISABLED"); strings.EqualFold(off, "true") {
		return nil, nil
	}
	exporterName, exporter := v.get("OTEL_TRACES_EXPORTER")
	if exporter == "none" {
		return nil, nil
	}
	at, endpoint := v.otlp("ENDPOINT")
	switch {
	case exporter != "" && exporter != "otlp":
		return nil, fault(exporterName, exporter, "写 otlp，或不设这个变量", "write otlp, or leave it out")
	case endpoint == "" && exporter == "otlp":
		return nil, &Fault{at, diagnostic.Textf("%s 要发送跟踪，却没有说发到哪里", "by %s traces are sent, and nothing says where to", exporterName),
			diagnostic.Text{ZH: "设 OTEL_EXPORTER_OTLP_ENDPOINT，例如 http://localhost:4318", EN: "set OTEL_EXPORTER_OTLP_ENDPOINT, as http://localhost:4318"}}
	case endpoint == "":
		return nil, nil
	}
	to, err := url.Parse(endpoint)
	if err != nil || to.Scheme != "http" && to.Scheme != "https" || to.Hostname() == "" { // which may hold a password: it is not told
		return nil, &Fault{at, diagnostic.Textf("%s 不是 http:// 或 https:// 开头的地址", "%s is no address that begins with http:// or https://", at),
			diagnostic.Text{ZH: "写成 http://localhost:4318 这样", EN: "write it as http://localhost:4318"}}
	}
	for _, look := range []func() *Fault{v.protocol, v.headers, v.numbers, v.compression, v.certificates, v.sampler, v.resource} {
		if f := look(); f != nil {
			return nil, f
		}
	}
	_, propagators := v.get("OTEL_PROPAGATORS")
	return &Settings{
		Endpoint: to.Scheme + "://" + to.Host,
		Callers:  propagators == "" || slices.Contains(strings.Split(strings.ReplaceAll(propagators, " ", ""), ","), "tracecontext"),
	}, nil
}

func fault(name, value, zh, en string) *Fault {
	return &Fault{name, diagnostic.Textf("%s 的值 %q 用不了", "%s is %q, which cannot be used", name, value), diagnostic.Text{ZH: zh, EN: en}}
}

func (v variables) protocol() *Fault {
	name, value := v.otlp("PROTOCOL")
	if value == "" || value == "http/protobuf" || value == "http/json" {
		return nil
	}
	return fault(name, value, "写 http/protobuf，端口一般是 4318；不支持 grpc（4317）", "write http/protobuf, whose port is 4318 as a rule; grpc (4317) is not spoken")
}

// headers are those that are sent along, and may be secrets: they are not told.
func (v variables) headers() *Fault {
	for _, name := range []string{"OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS"} {
		_, all := v.get(name)
		if all == "" {
			continue
		}
		for _, header := range strings.Split(all, ",") {
			key, value, found := strings.Cut(header, "=")
			_, err := url.PathUnescape(value)
			if !found || err != nil || !token(strings.TrimSpace(key)) {
				return &Fault{name, diagnostic.Textf("%s 不是 名称=值 的列表", "%s is no list of NAME=VALUE", name),
					diagnostic.Text{ZH: "写成 名称=值,名称=值；值里的 , 写 %2C，% 写 %25", EN: "write NAME=VALUE,NAME=VALUE, with %2C for a comma and %25 for % in a value"}}
			}
		}
	}
	return nil
}

// token reports whether a text is the name of a header.
func token(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		return !letter && !strings.ContainsRune("!#$%&'*+-.^_`|~", c)
	})
}

// numbers are what is counted.
func (v variables) numbers() *Fault {
	for _, name := range []string{
		"OTEL_EXPORTER_OTLP_TIMEOUT", "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT",
		"OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE",
	} {
		const bits = 32
		_, value := v.get(name)
		if n, err := strconv.ParseInt(value, 10, bits); value != "" && (err != nil || n <= 0) {
			return fault(name, value, "写一个正整数；时间以毫秒计", "write a whole number from 1; times are in milliseconds")
		}
	}
	return nil
}

func (v variables) compression() *Fault {
	name, value := v.otlp("COMPRESSION")
	if value == "" || value == "gzip" || value == "none" {
		return nil
	}
	return fault(name, value, "写 gzip 或 none", "write gzip or none")
}

// certificates are of whom is trusted, and the server's own.
func (v variables) certificates() *Fault {
	if name, file := v.otlp("CERTIFICATE"); file != "" {
		data, err := os.ReadFile(file)
		if err != nil || !x509.NewCertPool().AppendCertsFromPEM(data) {
			return fault(name, file, "写一个能读的 PEM 文件，里面是接收方的证书或其签发者的", "name a PEM file that can be read, with the certificate of the receiver or of who issued it")
		}
	}
	for _, of := range []string{"OTEL_EXPORTER_OTLP_TRACES_", "OTEL_EXPORTER_OTLP_"} {
		certificate, file := v.get(of + "CLIENT_CERTIFICATE")
		name, key := v.get(of + "CLIENT_KEY")
		if file == "" && key == "" {
			continue
		}
		if _, err := tls.LoadX509KeyPair(file, key); err != nil {
			return &Fault{certificate, diagnostic.Textf("%[1]s 与 %[2]s 用不了：不是一对能读的证书和私钥", "%[1]s and %[2]s cannot be used: they are no certificate and key that belong together and can be read", certificate, name),
				diagnostic.Text{ZH: "两个变量都写上，都是 PEM 文件", EN: "set both, each to a PEM file"}}
		}
	}
	return nil
}

// samplers are those that there are, and whether they take a share.
var samplers = map[string]bool{
	"always_on": false, "always_off": false, "traceidratio": true,
	"parentbased_always_on": false, "parentbased_always_off": false, "parentbased_traceidratio": true,
}

func (v variables) sampler() *Fault {
	name, value := v.get("OTEL_TRACES_SAMPLER")
	if value == "" {
		return nil
	}
	share, known := samplers[strings.ToLower(value)]
	if !known {
		return fault(name, value, "写 parentbased_traceidratio（份额写在 OTEL_TRACES_SAMPLER_ARG）、traceidratio、always_on 或 always_off",
			"write parentbased_traceidratio (with the share in OTEL_TRACES_SAMPLER_ARG), traceidratio, always_on or always_off")
	}
	name, value = v.get("OTEL_TRACES_SAMPLER_ARG")
	const bits = 64
	if n, err := strconv.ParseFloat(value, bits); share && value != "" && (err != nil || !(n >= 0 && n <= 1)) {
		return fault(name, value, "写 0 到 1 的份额，如 0.1", "write a share from 0 to 1, as 0.1")
	}
	return nil
}

// resource are the attributes of all that is sent.
func (v variables) resource() *Fault {
	name, all := v.get("OTEL_RESOURCE_ATTRIBUTES")
	if all == "" {
		return nil
	}
	for _, pair := range strings.Split(all, ",") {
		key, value, found := strings.Cut(pair, "=")
		if _, err := url.PathUnescape(value); !found || err != nil || strings.TrimSpace(key) == "" {
			return fault(name, all, "写成 名称=值,名称=值", "write NAME=VALUE,NAME=VALUE")
		}
	}
	return nil
}
