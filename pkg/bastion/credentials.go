package bastion

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/jdcloud-api/jdcloud-sdk-go/core"
)

// Credentials sign the calls of one account. Printed or logged in any form, they show where they came from and the
// access key's first letters, never a secret.
type Credentials struct {
	accessKey string
	secret    func() (key, token string) // a function: fmt and reflection find no text in it, whatever holds it
	endpoint  Endpoint
	source    string // where they came from: the environment, or a profile of a file
}

var (
	keyForm   = regexp.MustCompile(`^[A-Za-z0-9._~+/=-]{1,128}$`)
	tokenForm = regexp.MustCompile(`^[!-~]*$`)
)

// NewCredentials makes credentials of an access key, its secret key and, for temporary ones, their security token.
// Its errors repeat none of them.
func NewCredentials(accessKey, secretKey, securityToken string) (Credentials, error) {
	return newCredentials(accessKey, secretKey, securityToken, "the program")
}

func newCredentials(accessKey, secretKey, securityToken, source string) (Credentials, error) {
	switch {
	case !keyForm.MatchString(accessKey):
		return Credentials{}, errors.New("the access key from " + source + " is not one: it has up to 128 letters and digits, without spaces or quotes")
	case secretKey == "" || len(secretKey) > 1024:
		return Credentials{}, errors.New("the secret key from " + source + " is not one: it has 1 to 1024 bytes")
	case len(securityToken) > 8192 || !tokenForm.MatchString(securityToken):
		return Credentials{}, errors.New("the security token from " + source + " is not one: it has up to 8192 printable ASCII characters, without spaces")
	}
	return Credentials{
		accessKey: accessKey,
		secret:    func() (key, token string) { return secretKey, securityToken },
		source:    source,
	}, nil
}

// Account is a fingerprint of the access key: stable, and no secret. A state is bound to it.
func (c Credentials) Account() string {
	sum := sha256.Sum256([]byte("bastion-fleet account\x00" + c.accessKey))
	return hex.EncodeToString(sum[:6])
}

// Endpoint is where the profile that the credentials came from sends its calls; zero if it does not say.
func (c Credentials) Endpoint() Endpoint { return c.endpoint }

// String shows nothing secret.
func (c Credentials) String() string {
	if c.secret == nil {
		return "no credentials"
	}
	return fmt.Sprintf("access key %s… from %s", c.accessKey[:min(4, len(c.accessKey)/2)], c.source)
}

// Format shows what String shows, whatever the verb.
func (c Credentials) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// forSigner hands the pair out in the signer's form. The result must not be stored: it prints its secret.
func (c Credentials) forSigner() core.Credential {
	key, _ := c.secret()
	return core.Credential{AccessKey: c.accessKey, SecretKey: key}
}

// securityToken is the token in its header's form, or empty.
func (c Credentials) securityToken() string {
	_, token := c.secret()
	return base64.StdEncoding.EncodeToString([]byte(token))
}
