package door

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"time"
)

// Cookies of who signs in.
const (
	sessionCookie = "session"
	deviceCookie  = "device"
	attemptCookie = "attempt"
)

const deviceAge = 365 * 24 * 60 * 60 // seconds

// cookieName is the name of a cookie. By TLS it has the prefix with which a
// browser takes it from this very host alone.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// SignedIn are the cookies of somebody who has signed in: his session, which the
// browser forgets when it ends, and that he has signed in on this device before.
// No script can read them, and no other site has them sent but by a link.
func SignedIn(secure bool, session, device string) []*http.Cookie {
	return []*http.Cookie{
		{Name: cookieName(sessionCookie, secure), Value: session, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure},
		{Name: cookieName(deviceCookie, secure), Value: device, Path: "/", MaxAge: deviceAge, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure},
	}
}

// SignedOut is the cookie of somebody who has signed out.
func SignedOut(secure bool) *http.Cookie {
	return &http.Cookie{Name: cookieName(sessionCookie, secure), Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure}
}

// SessionOf is the secret of the session that a request has, and the secret of
// its device; "" for none.
func SessionOf(r *http.Request, secure bool) (session, device string) {
	if c, err := r.Cookie(cookieName(sessionCookie, secure)); err == nil {
		session = c.Value
	}
	if c, err := r.Cookie(cookieName(deviceCookie, secure)); err == nil {
		device = c.Value
	}
	return session, device
}

// Attempt is the cookie of somebody who is on the way to an identity provider and
// back, for so long; with "" that of somebody who is back.
func Attempt(secure bool, kept string, lasts time.Duration) *http.Cookie {
	age := int(lasts / time.Second)
	if kept == "" {
		age = -1
	}
	return &http.Cookie{Name: cookieName(attemptCookie, secure), Value: kept, Path: "/", MaxAge: age, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: secure}
}

// AttemptOf is what a request has of such a cookie, "" for none.
func AttemptOf(r *http.Request, secure bool) string {
	if c, err := r.Cookie(cookieName(attemptCookie, secure)); err == nil {
		return c.Value
	}
	return ""
}

// AddressOf is from where a request comes, as far as attempts to sign in are
// counted by it: an address, of IPv6 the network of one connection.
func AddressOf(ctx context.Context) string { return visitOf(ctx).address }

func addressOf(r *http.Request, behindProxy bool) string {
	text := r.RemoteAddr
	if behindProxy {
		if all := r.Header.Values("X-Forwarded-For"); len(all) > 0 {
			last := all[len(all)-1]
			text = strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])
		}
	}
	if host, _, err := net.SplitHostPort(text); err == nil {
		text = host
	}
	a, err := netip.ParseAddr(strings.Trim(text, "[]"))
	if err != nil {
		return ""
	}
	const network = 64 // bits that a connection has of its own
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(network); err == nil {
			return p.String()
		}
	}
	return a.String()
}
