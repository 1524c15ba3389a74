package server

import (
	"context"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/provider"
)

// providerOf looks at the identity provider.
func (x *examination) providerOf(ctx context.Context) {
	if x.oidc == "" {
		return
	}
	of, err := provider.ReadFile(x.oidc)
	if err != nil {
		x.bad("oidc_file", diagnostic.Textf("统一认证的文件用不了：%v", "the file about the identity provider cannot be used: %v", err), "照所说的改", "mend it as it says")
		return
	}
	if at := of.SecretFile; at != "" && runtime.GOOS != "windows" {
		if info, err := os.Stat(at); err == nil && info.Mode().Perm()&0o077 != 0 {
			x.note("oidc_secret_readable", diagnostic.Textf("别人也能读统一认证的密钥：%s", "others can read the secret of the identity provider: %s", at), "chmod 600", "chmod 600")
		}
	}
	if at, err := url.Parse(of.Address); err == nil && !slices.Contains(x.names(), strings.ToLower(at.Hostname())) {
		// The provider would send people back to a name that the door refuses.
		x.bad("oidc_address", diagnostic.Textf("统一认证文件里 address 的名字 %[1]s 不是服务认得的：登录后会被拒之门外", "the server does not know itself by the name in address of the file about the identity provider, %[1]s: who signs in there comes back to a refusal", at.Hostname()),
			"启动时加 --host "+at.Hostname()+"，或改 address", "start the server with --host "+at.Hostname()+", or mend address")
	}
	const wait = 15 * time.Second
	ctx, done := context.WithTimeout(ctx, wait)
	defer done()
	if err := provider.New(of, provider.Options{}).Look(ctx); err != nil {
		x.note("oidc_away", diagnostic.Textf("统一认证用不了，只能用密码登录：%v", "nobody can sign in at the identity provider, by passwords alone: %v", err), "核对 issuer，看这台机器能否连到它、信不信它的证书", "look at issuer, and whether this machine reaches it and trusts its certificate")
		return
	}
	x.fine("oidc", "统一认证 %s 可用", "people can sign in at %s", of.Issuer)
}
