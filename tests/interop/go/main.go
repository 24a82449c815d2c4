// Mints tokens with golang-jwt; see ../README.md.
package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"log"
	"math/big"
	"os"

	"github.com/golang-jwt/jwt/v5"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func text(data []byte) string {
	return base64.RawURLEncoding.EncodeToString(data)
}

// The library exports no JWK: this is what an issuer writes itself.
func jwk(public crypto.PublicKey) map[string]string {
	switch key := public.(type) {
	case []byte:
		return map[string]string{"kty": "oct", "k": text(key)}
	case *rsa.PublicKey:
		exponent := big.NewInt(int64(key.E)).Bytes()
		return map[string]string{
			"kty": "RSA", "n": text(key.N.Bytes()), "e": text(exponent)}
	case *ecdsa.PublicKey:
		point := must(key.ECDH()).Bytes()[1:]
		return map[string]string{"kty": "EC", "crv": "P-256",
			"x": text(point[:32]), "y": text(point[32:])}
	case ed25519.PublicKey:
		return map[string]string{
			"kty": "OKP", "crv": "Ed25519", "x": text(key)}
	}
	log.Fatalf("no JWK of a %T", public)
	return nil
}

func sign(method jwt.SigningMethod, claims jwt.MapClaims, key any,
	kid string) string {
	token := jwt.NewWithClaims(method, claims)
	if kid != "" {
		token.Header["kid"] = kid
	}
	return must(token.SignedString(key))
}

func main() {
	var order struct {
		Secret string
		Claims jwt.MapClaims
	}
	decoder := json.NewDecoder(os.Stdin)
	decoder.UseNumber()
	if err := decoder.Decode(&order); err != nil {
		log.Fatal(err)
	}
	_, edwards, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	keys := map[jwt.SigningMethod]any{
		jwt.SigningMethodHS256: []byte(order.Secret),
		jwt.SigningMethodRS256: must(rsa.GenerateKey(rand.Reader, 2048)),
		jwt.SigningMethodPS256: must(rsa.GenerateKey(rand.Reader, 2048)),
		jwt.SigningMethodES256: must(
			ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		jwt.SigningMethodEdDSA: edwards,
	}
	var set []map[string]string
	var blocks bytes.Buffer
	tokens := map[string]map[string]string{}
	for method, key := range keys {
		var public crypto.PublicKey = key
		if signer, ok := key.(crypto.Signer); ok {
			public = signer.Public()
			der := must(x509.MarshalPKIXPublicKey(public))
			if err := pem.Encode(&blocks,
				&pem.Block{Type: "PUBLIC KEY", Bytes: der}); err != nil {
				log.Fatal(err)
			}
		}
		kid := "go-" + method.Alg()
		one := jwk(public)
		one["kid"] = kid
		set = append(set, one)
		tokens[method.Alg()] = map[string]string{
			"named":   sign(method, order.Claims, key, kid),
			"unnamed": sign(method, order.Claims, key, ""),
		}
	}
	answer := map[string]any{
		"jwks": map[string]any{"keys": set}, "pem": blocks.String(),
		"tokens": tokens}
	if err := json.NewEncoder(os.Stdout).Encode(answer); err != nil {
		log.Fatal(err)
	}
}
