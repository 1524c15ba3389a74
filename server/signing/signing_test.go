package signing_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hiddeco/sshsig"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"

	. "github.com/servicerules/rulebook/server/signing"
)

// key is a new key, and its line in a file of signers.
func key(t *testing.T, name string) (ssh.Signer, string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	k, err := ssh.NewSignerFromKey(private)
	require.NoError(t, err)
	return k, name + " " + string(ssh.MarshalAuthorizedKey(k.PublicKey()))
}

func signed(t *testing.T, k ssh.Signer, text, namespace string) string {
	t.Helper()
	sig, err := sshsig.Sign(strings.NewReader(text), k, sshsig.HashSHA512, namespace)
	require.NoError(t, err)
	return string(sshsig.Armor(sig))
}

func read(t *testing.T, lines string) (*Signers, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "signers")
	require.NoError(t, os.WriteFile(path, []byte(lines), 0o600))
	return ReadFile(path)
}

func TestSigner(t *testing.T) {
	const text = "rulebook: {id: x}\n"
	li, liLine := key(t, "li.wei")
	zhang, zhangLine := key(t, "zhang.min")
	stranger, _ := key(t, "stranger")
	s, err := read(t, "# who may sign rules\n\n"+liLine+strings.Replace(zhangLine, " ssh-", ` namespaces="rulebook" ssh-`, 1))
	require.NoError(t, err)
	for name, x := range map[string]struct{ signatures, by, says string }{
		"one":                   {signed(t, li, text, Namespace), "li.wei", ""},
		"another":               {signed(t, zhang, text, Namespace), "zhang.min", ""},
		"behind others":         {"\n" + signed(t, stranger, text, Namespace) + signed(t, li, "other", Namespace) + "\n\n" + signed(t, zhang, text, Namespace), "zhang.min", ""},
		"nothing":               {"", "", "not signed"},
		"no signature":          {"hello", "", "not signed"},
		"of another text":       {signed(t, li, text+"\n", Namespace), "", "the signature of li.wei is not of these rules"},
		"by a stranger":         {signed(t, stranger, text, Namespace), "", ssh.FingerprintSHA256(stranger.PublicKey())},
		"for something else":    {signed(t, li, text, "git"), "", `is for "git"`},
		"cut off":               {signed(t, li, text, Namespace)[:200], "", "not signed"},
		"of another kind":       {"-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----\n", "", "cannot be read"},
		"damaged":               {"-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n", "", "cannot be read"},
		"longer than it may be": {strings.Repeat(signed(t, stranger, text, Namespace), 400), "", "too long"},
	} {
		by, err := s.Signer([]byte(text), []byte(x.signatures))
		assert.Equal(t, x.by, by, name)
		if x.says == "" {
			assert.NoError(t, err, name)
			continue
		}
		var unsigned *UnsignedError
		if assert.ErrorAs(t, err, &unsigned, name) {
			assert.Contains(t, unsigned.Message.EN, x.says, name)
			assert.NotEmpty(t, unsigned.Message.ZH)
			assert.Contains(t, unsigned.Remedy.EN, "ssh-keygen -Y sign -n rulebook")
		}
	}
}

// Whichever byte of a signature is another one, it holds no more.
func TestAlteredSignatures(t *testing.T) {
	const text = "rulebook: {id: x}\n"
	li, line := key(t, "li.wei")
	s, err := read(t, line)
	require.NoError(t, err)
	whole := signed(t, li, text, Namespace)
	sig, err := sshsig.Unarmor([]byte(whole))
	require.NoError(t, err)
	raw := sig.Marshal()
	for i := range raw {
		other := bytes.Clone(raw)
		other[i] ^= 1
		changed, err := sshsig.ParseSignature(other)
		if err != nil {
			continue
		}
		_, err = s.Signer([]byte(text), sshsig.Armor(changed))
		assert.Error(t, err, i)
	}
}

func TestFilesOfSigners(t *testing.T) {
	_, good := key(t, "li.wei")
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	public, err := ssh.NewPublicKey(&weak.PublicKey)
	require.NoError(t, err)
	for lines, says := range map[string]string{
		"":                      "names nobody",
		"# nobody\n":            "names nobody",
		"li.wei\n":              "line 1: no name and public key",
		good + "zhang ssh-x y":  "line 2: no name and public key",
		strings.Fields(good)[1]: "no name and public key",
		"li.wei " + string(ssh.MarshalAuthorizedKey(public)):                 "1024 bits is not secure",
		strings.Replace(good, " ssh-", " cert-authority ssh-", 1):            "cert-authority is not known here",
		strings.Replace(good, " ssh-", ` valid-before="20300101" ssh-`, 1):   "valid-before",
		strings.Replace(good, " ssh-", ` namespaces="git,rulebook" ssh-`, 1): "namespaces",
	} {
		_, err := read(t, lines)
		assert.ErrorContains(t, err, says, lines)
	}
	_, err = ReadFile(filepath.Join(t.TempDir(), "none"))
	require.ErrorIs(t, err, os.ErrNotExist)
}

// What ssh-keygen signs is signed here, where it is there.
func TestAsSSHKeygen(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("no ssh-keygen")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "rules.yaml")
	require.NoError(t, os.WriteFile(file, []byte("rulebook: {id: x}\n"), 0o600))
	for _, kind := range [][]string{{"ed25519"}, {"ecdsa", "-b", "384"}, {"rsa", "-b", "2048"}} {
		private := filepath.Join(dir, kind[0])
		for _, args := range [][]string{append([]string{"-q", "-N", "", "-C", "", "-f", private, "-t"}, kind...), {"-q", "-Y", "sign", "-n", Namespace, "-f", private, file}} {
			said, err := exec.Command(keygen, args...).CombinedOutput()
			require.NoError(t, err, string(said))
		}
		public, err := os.ReadFile(private + ".pub")
		require.NoError(t, err)
		s, err := read(t, "li.wei "+string(public))
		require.NoError(t, err)
		signature, err := os.ReadFile(file + ".sig")
		require.NoError(t, err)
		by, err := s.Signer([]byte("rulebook: {id: x}\n"), signature)
		require.NoError(t, err, kind)
		assert.Equal(t, "li.wei", by)
		require.NoError(t, os.Remove(file+".sig"))
	}
}
