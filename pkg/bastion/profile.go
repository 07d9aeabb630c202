package bastion

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"gopkg.in/ini.v1"

	"github.com/bastion-fleet/bastion-fleet/pkg/infile"
)

// The environment variables that credentials come from.
const (
	EnvAccessKey     = "JDCLOUD_ACCESS_KEY"
	EnvSecretKey     = "JDCLOUD_SECRET_KEY"
	EnvSecurityToken = "JDCLOUD_SECURITY_TOKEN"
)

// ErrNoCredentials is what LoadCredentials' error wraps when there are none anywhere.
var ErrNoCredentials = errors.New("no credentials")

// maxProfileFile bounds ~/.jdc/config, in bytes.
const maxProfileFile = 1 << 20

// placeholderEndpoint is what the vendor's tools write into every profile that names no endpoint. It serves no
// product by itself, so it counts as none.
const placeholderEndpoint = "www.jdcloud-api.com"

// LoadCredentials finds credentials: those of profile if one is named, else those of environ (in the form of
// os.Environ), else those of the profile in use in home's .jdc/config. Half a pair is an error, never a reason to
// look further: it would be another account's money.
func LoadCredentials(environ []string, home, profile string) (Credentials, error) {
	if profile == "" {
		c, found, err := credentialsFromEnv(environ)
		if found || err != nil {
			return c, err
		}
	}
	return credentialsFromProfile(filepath.Join(home, ".jdc"), profile)
}

func credentialsFromEnv(environ []string) (c Credentials, found bool, err error) {
	set := map[string]string{}
	for _, entry := range environ {
		if name, value, _ := strings.Cut(entry, "="); value != "" {
			set[name] = value
		}
	}
	access, secretKey, token := set[EnvAccessKey], set[EnvSecretKey], set[EnvSecurityToken]
	switch {
	case access == "" && secretKey == "" && token == "":
		return Credentials{}, false, nil
	case access == "":
		return Credentials{}, false, halfSet(EnvAccessKey)
	case secretKey == "":
		return Credentials{}, false, halfSet(EnvSecretKey)
	}
	c, err = newCredentials(access, secretKey, token, "the environment")
	return c, true, err
}

func halfSet(missing string) error {
	return fmt.Errorf("the environment holds half of the credentials: set %s too, or unset all of %s, %s and %s to use ~/.jdc/config",
		missing, EnvAccessKey, EnvSecretKey, EnvSecurityToken)
}

// credentialsFromProfile reads a profile of dir/config; without a name, the one that dir/current names, else default.
func credentialsFromProfile(dir, profile string) (Credentials, error) {
	path := filepath.Join(dir, "config")
	text, err := infile.ReadSecret(path, maxProfileFile)
	switch {
	case errors.Is(err, fs.ErrNotExist) && profile == "":
		return Credentials{}, ErrNoCredentials
	case errors.Is(err, fs.ErrNotExist):
		return Credentials{}, fmt.Errorf("profile %q: there is no %s", profile, path)
	case err != nil:
		return Credentials{}, unreadable(err)
	}
	named := profile
	if named == "" {
		if named, err = currentProfile(dir); err != nil {
			return Credentials{}, err
		}
	}
	section, err := findSection(path, text, cmp.Or(named, defaultProfile))
	switch {
	case errors.Is(err, errNoProfile) && named == "":
		return Credentials{}, fmt.Errorf("%w: %s has no profile %q, and none was named", ErrNoCredentials, path, defaultProfile)
	case errors.Is(err, errNoProfile):
		return Credentials{}, fmt.Errorf("%s has no profile %q: name one of its sections by --profile", path, named)
	case err != nil:
		return Credentials{}, err
	}
	return credentialsFromSection(section, fmt.Sprintf("profile %q of %s", section.Name(), path))
}

// A ProfileError says why the profile file is not used. It tells nothing of its content.
type ProfileError struct {
	Err    error
	Remedy string // what to do, in whole sentences; see Hint
}

// Error is the reason with the file's name.
func (e *ProfileError) Error() string { return e.Err.Error() }

// Unwrap gives the reason.
func (e *ProfileError) Unwrap() error { return e.Err }

// Hint says what to do about it.
func (e *ProfileError) Hint() string { return e.Remedy }

// unreadable is the error of a profile file that can't be read, or must not be for others can.
func unreadable(err error) error {
	fromEnv := "set " + EnvAccessKey + " and " + EnvSecretKey + " in the environment instead."
	exposed, ok := errors.AsType[*infile.ExposedError](err)
	if !ok {
		return &ProfileError{err, "See that it is a file with your profiles, or " + fromEnv}
	}
	return &ProfileError{
		fmt.Errorf("the keys are not taken from a file that others can read or write: %w", err),
		fmt.Sprintf("Close it to others: chmod 600 %q. They may have read the keys already. Where the file's mode can't be changed, %s",
			exposed.Path, fromEnv),
	}
}

// defaultProfile is the one in use where none is named.
const defaultProfile = "default"

// currentProfile is the profile that the vendor's tools were told to use, or empty.
func currentProfile(dir string) (string, error) {
	text, err := infile.Read(filepath.Join(dir, "current"), maxProfileFile)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	return strings.TrimSpace(string(text)), nil
}

// errNoProfile says that a profile file has no section of that name.
var errNoProfile = errors.New("there is no such profile")

func findSection(path string, text []byte, profile string) (*ini.Section, error) {
	// Secrets may hold # ; % and \: none of them means anything here.
	file, err := ini.LoadSources(ini.LoadOptions{IgnoreInlineComment: true, IgnoreContinuation: true}, text)
	if err != nil {
		// The parser's error repeats the line, which may hold a secret.
		return nil, fmt.Errorf("%s is not an INI file of [profile] sections with lines like access_key = …", path)
	}
	section, err := file.GetSection(profile)
	if err != nil {
		return nil, errNoProfile
	}
	return section, nil
}

func credentialsFromSection(section *ini.Section, source string) (Credentials, error) {
	// Value, not String: the latter would replace %(name)s inside a secret.
	value := func(key string) string { return strings.TrimSpace(section.Key(key).Value()) }
	access, secretKey := value("access_key"), value("secret_key")
	if access == "" || secretKey == "" {
		return Credentials{}, fmt.Errorf("%s lacks access_key or secret_key", source)
	}
	c, err := newCredentials(access, secretKey, "", source)
	if err != nil {
		return Credentials{}, err
	}
	host, scheme := value("endpoint"), value("scheme")
	if host == "" || host == placeholderEndpoint {
		return c, nil
	}
	if scheme == "" {
		scheme = "https"
	}
	if !strings.Contains(host, "://") {
		host = scheme + "://" + host
	}
	if c.endpoint, err = ParseEndpoint(host); err != nil {
		return Credentials{}, fmt.Errorf("%s: %w", source, err)
	}
	return c, nil
}
