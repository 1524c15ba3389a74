package webhook

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// AddressError says why events are not sent to an address.
type AddressError struct{ Why string }

// Error is the reason.
func (e *AddressError) Error() string { return e.Why }

const longestURL = 2048

// CheckURL refuses an address that events cannot be sent to; private says that it
// may be one of the own network, and without TLS. Where a name leads to is looked
// at each time that it is called. The error is an *AddressError.
func CheckURL(text string, private bool) error {
	u, err := url.Parse(text)
	switch {
	case err != nil, len(text) > longestURL, u.Hostname() == "":
		return &AddressError{"it is no address; write https://HOST/PATH"}
	case u.User != nil:
		return &AddressError{"the address has a name or a password in it; what is sent is signed instead"}
	case u.Fragment != "":
		return &AddressError{"the address has a fragment, which is never sent"}
	case u.Scheme != "https" && (u.Scheme != "http" || !private):
		return &AddressError{"the address is not https; without TLS it may be with --webhooks-private only"}
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !private && !public(ip) {
		return errPrivate
	}
	return nil
}

var errPrivate = &AddressError{"the address is one of a private network; the server sends there with --webhooks-private only"}

// notPublic are the networks that are nobody's on the Internet, beside those that
// package netip knows by name.
var notPublic = prefixes(
	"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
	"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16", "5f00::/16", "fec0::/10",
)

func prefixes(all ...string) (list []netip.Prefix) {
	for _, p := range all {
		list = append(list, netip.MustParsePrefix(p))
	}
	return list
}

// public reports whether an address is one on the Internet.
func public(ip netip.Addr) bool {
	ip = ip.Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast() || ip.Zone() != "" {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(ip) {
			return false
		}
	}
	return true
}

// Times of one try.
const (
	dialTime = 5 * time.Second
	tryTime  = 15 * time.Second
)

// client is what events are sent by. It follows no redirect and uses no proxy: the
// address that is looked at is the one that is called.
func client(private bool) *http.Client {
	d := &net.Dialer{Timeout: dialTime, Control: func(_, address string, _ syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil {
			return fmt.Errorf("looking at the address: %w", err)
		}
		if !private && !public(at.Addr()) {
			return errPrivate
		}
		return nil
	}}
	return &http.Client{
		Timeout: tryTime,
		Transport: &http.Transport{
			DialContext: d.DialContext, TLSHandshakeTimeout: dialTime, ResponseHeaderTimeout: tryTime, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: 16 << 10, ForceAttemptHTTP2: true, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// kindOf says why a try failed in words that hold nothing of the address.
func kindOf(err error) string {
	var address *AddressError
	var dns *net.DNSError
	var timeout net.Error
	switch {
	case errors.As(err, &address):
		return "private_address"
	case errors.As(err, &dns):
		return "unknown_host"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	}
	return "connection"
}
