// Package signing tells whether rules are signed by somebody who may sign them: by an
// SSH key, as `ssh-keygen -Y sign -n rulebook` signs a file.
//
// What is signed is the one text of the rules: the rules file, or what `rulebook-server
// text` prints of several files.
package signing

import (
	"bytes"
	"crypto/rsa"
	"encoding/pem"
	"errors"
	"fmt"
	"strings"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"

	"github.com/servicerules/rulebook/diagnostic"
	"github.com/servicerules/rulebook/server/internal/files"
)

// Namespace is what signatures are for, so that none that was made for something else
// holds of rules.
const Namespace = "rulebook"

// Bounds of what is read.
const (
	mostFile       = 1 << 20 // bytes of a file of signers
	MostSignatures = 1 << 16 // bytes of signatures beside a text
	fewestBits     = 2048    // of an RSA key
)

// Signers are those who may sign rules.
type Signers struct{ all []signer }

type signer struct {
	name string
	key  ssh.PublicKey
}

// UnsignedError says why a text counts as signed by nobody.
type UnsignedError struct{ Message, Remedy diagnostic.Text }

// Error is the refusal in English.
func (e *UnsignedError) Error() string { return e.Message.EN + "; " + e.Remedy.EN }

// ReadFile reads a file of signers, as ssh-keygen has it: on each line a name, and a
// public key as `ssh-keygen` writes it. Errors name the file, the line and what to write.
func ReadFile(path string) (*Signers, error) {
	data, err := files.ReadBounded(path, mostFile)
	if err != nil {
		return nil, err
	}
	s := &Signers{}
	for i, line := range strings.Split(string(data), "\n") {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		x, err := signerOf(line)
		if err != nil {
			return nil, fmt.Errorf("%s: line %d: %w", path, i+1, err)
		}
		s.all = append(s.all, x)
	}
	if len(s.all) == 0 {
		return nil, fmt.Errorf("%s names nobody; write on each line a name and a public key, as li.wei ssh-ed25519 AAAA…", path)
	}
	return s, nil
}

func signerOf(line string) (x signer, err error) {
	name := strings.Fields(line)[0]
	key, _, options, _, err := ssh.ParseAuthorizedKey([]byte(strings.TrimSpace(line[len(name):])))
	if err != nil {
		return x, errors.New("no name and public key; write them as li.wei ssh-ed25519 AAAA…")
	}
	for _, o := range options {
		// An option that is not understood may take the right away that the line gives.
		if o != `namespaces="`+Namespace+`"` {
			return x, fmt.Errorf("the option %s is not known here; take it out, or write namespaces=%q", o, Namespace)
		}
	}
	if weak := weakness(key); weak != "" {
		return x, fmt.Errorf("%s; make another key: ssh-keygen -t ed25519", weak)
	}
	return signer{name, key}, nil
}

// weakness is why a key proves nothing, "" where it does.
func weakness(key ssh.PublicKey) string {
	if _, certificate := key.(*ssh.Certificate); certificate {
		return "a certificate is no public key"
	}
	if strings.HasPrefix(key.Type(), "ssh-dss") { // kept for old machines alone
		return "keys of DSA are not secure"
	}
	if c, ok := key.(ssh.CryptoPublicKey); ok {
		if k, ok := c.CryptoPublicKey().(*rsa.PublicKey); ok && k.N.BitLen() < fewestBits {
			return fmt.Sprintf("a key of RSA with %d bits is not secure", k.N.BitLen())
		}
	}
	return ""
}

// Signature is one that holds of a text.
type Signature struct {
	Signer string // as the file of signers calls him
	Text   []byte // the signature as ssh-keygen writes it
}

// Signed is the first signature of a text by one of them, among those that are given:
// each may have several, one behind the other, as ssh-keygen writes them, and
// MostSignatures bytes. The error is an *UnsignedError.
func (s *Signers) Signed(text []byte, given ...[]byte) (*Signature, error) {
	why := unsigned("规则没有签名", "the rules are not signed")
	for _, signatures := range given {
		if len(signatures) > MostSignatures {
			why = unsigned("签名太长", "the signatures are too long")
			continue
		}
		if len(bytes.TrimSpace(signatures)) > 0 {
			why = unreadable()
		}
		for {
			var block *pem.Block
			if block, signatures = pem.Decode(signatures); block == nil {
				break
			}
			var name string
			if name, why = s.signer(text, block); why == nil {
				return &Signature{name, pem.EncodeToMemory(&pem.Block{Type: block.Type, Bytes: block.Bytes})}, nil
			}
		}
	}
	return nil, why
}

// signer is whose signature of a text a block is.
func (s *Signers) signer(text []byte, block *pem.Block) (name string, why *UnsignedError) {
	sig, err := sshsig.ParseSignature(block.Bytes)
	if err != nil || block.Type != sshsig.PEMType {
		return "", unreadable()
	}
	by, known := s.with(sig.PublicKey)
	switch {
	case sig.Namespace != Namespace:
		return "", unsigned("签名用于“"+sig.Namespace+"”，不是用于规则", fmt.Sprintf("a signature is for %q, not for rules", sig.Namespace))
	case !known:
		return "", unsigned("签名的密钥 "+ssh.FingerprintSHA256(sig.PublicKey)+" 不在签名人名单里", "the key "+ssh.FingerprintSHA256(sig.PublicKey)+" of a signature is none of the signers")
	case sig.Signature.Format == ssh.KeyAlgoRSA: // rests on SHA-1
		return "", unsigned("签名的算法已不安全", "a signature was made by a method that is not secure")
	case sshsig.Verify(bytes.NewReader(text), sig, by.key, sig.HashAlgorithm, Namespace) != nil:
		return "", unsigned(by.name+" 的签名签的不是这份规则", "the signature of "+by.name+" is not of these rules")
	}
	return by.name, nil
}

func unreadable() *UnsignedError { return unsigned("签名读不出来", "a signature cannot be read") }

func (s *Signers) with(key ssh.PublicKey) (signer, bool) {
	for _, x := range s.all {
		if bytes.Equal(x.key.Marshal(), key.Marshal()) {
			return x, true
		}
	}
	return signer{}, false
}

func unsigned(zh, en string) *UnsignedError {
	return &UnsignedError{
		diagnostic.Text{ZH: zh, EN: en},
		diagnostic.Text{ZH: "请名单里的人签名：ssh-keygen -Y sign -n " + Namespace + " -f 密钥 rules.yaml", EN: "have one of the signers sign them: ssh-keygen -Y sign -n " + Namespace + " -f KEY rules.yaml"},
	}
}
