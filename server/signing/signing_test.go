package signing_test

import (
	"bytes"
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

	"github.com/servicerules/rulebook/server/internal/signingtest"
	. "github.com/servicerules/rulebook/server/signing"
)

func read(t *testing.T, lines string) (*Signers, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "signers")
	require.NoError(t, os.WriteFile(path, []byte(lines), 0o600))
	return ReadFile(path)
}

func TestSigner(t *testing.T) {
	const text = "rulebook: {id: x}\n"
	li := signingtest.New(t, "li.wei")
	zhang := signingtest.New(t, "zhang.min")
	stranger := signingtest.New(t, "stranger")
	s, err := read(t, "# who may sign rules\n\n"+li.Line+strings.Replace(zhang.Line, " ssh-", ` namespaces="rulebook" ssh-`, 1))
	require.NoError(t, err)
	for name, x := range map[string]struct{ signatures, by, says string }{
		"one":                     {li.Signs([]byte(text), Namespace), "li.wei", ""},
		"another":                 {zhang.Signs([]byte(text), Namespace), "zhang.min", ""},
		"behind others":           {"\n" + stranger.Signs([]byte(text), Namespace) + li.Signs([]byte("other"), Namespace) + "\n\n" + zhang.Signs([]byte(text), Namespace), "zhang.min", ""},
		"nothing":                 {"", "", "not signed"},
		"no signature":            {"hello", "", "cannot be read"},
		"of another text":         {li.Signs([]byte(text+"\n"), Namespace), "", "the signature of li.wei is not of these rules"},
		"by a stranger":           {stranger.Signs([]byte(text), Namespace), "", stranger.Fingerprint()},
		"for something else":      {li.Signs([]byte(text), "git"), "", `is for "git"`},
		"cut off":                 {li.Signs([]byte(text), Namespace)[:200], "", "cannot be read"},
		"of another kind":         {"-----BEGIN PGP SIGNATURE-----\nAAAA\n-----END PGP SIGNATURE-----\n", "", "cannot be read"},
		"damaged":                 {"-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n", "", "cannot be read"},
		"longer than it may be":   {strings.Repeat(stranger.Signs([]byte(text), Namespace), 400), "", "too long"},
		"behind more than may be": {strings.Repeat("x", MostSignatures+1), "", "too long"},
	} {
		found, err := s.Signed([]byte(text), []byte(x.signatures))
		if x.says == "" {
			if assert.NoError(t, err, name) {
				assert.Equal(t, x.by, found.Signer, name)
				again, err := s.Signed([]byte(text), nil, []byte("x"), found.Text)
				if assert.NoError(t, err, name) {
					assert.Equal(t, found, again)
				}
			}
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
	li := signingtest.New(t, "li.wei")
	s, err := read(t, li.Line)
	require.NoError(t, err)
	whole := li.Signs([]byte(text), Namespace)
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
		_, err = s.Signed([]byte(text), sshsig.Armor(changed))
		assert.Error(t, err, i)
	}
}

func TestFilesOfSigners(t *testing.T) {
	good := signingtest.New(t, "li.wei").Line
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
		found, err := s.Signed([]byte("rulebook: {id: x}\n"), signature)
		require.NoError(t, err, kind)
		assert.Equal(t, "li.wei", found.Signer)
		require.NoError(t, os.Remove(file+".sig"))
	}
}
