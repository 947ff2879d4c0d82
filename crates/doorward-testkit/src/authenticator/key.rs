//! The keys of an authenticator.

use aws_lc_rs::{
    encoding::AsDer,
    rand::SystemRandom,
    rsa,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair,
        KeyPair, RSA_PKCS1_SHA256,
    },
};

use super::cbor;

/// A signature algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// Ed25519.
    EdDsa,
    /// RSA with 2048 bits, PKCS #1 v1.5, SHA-256. Takes a moment to make.
    Rs256,
}

#[derive(Debug)]
pub(super) enum Key {
    Ecdsa(Algorithm, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(rsa::KeyPair),
}

impl Algorithm {
    /// Its number in COSE.
    pub(super) const fn cose(self) -> i16 {
        match self {
            Self::Es256 => -7,
            Self::Es384 => -35,
            Self::EdDsa => -8,
            Self::Rs256 => -257,
        }
    }
}

impl Key {
    pub(super) fn generate(algorithm: Algorithm) -> Self {
        let ecdsa = |curve| EcdsaKeyPair::generate(curve).expect("a key is made");
        match algorithm {
            Algorithm::Es256 => Self::Ecdsa(algorithm, ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING)),
            Algorithm::Es384 => Self::Ecdsa(algorithm, ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING)),
            Algorithm::EdDsa => Self::Ed25519(Ed25519KeyPair::generate().expect("a key is made")),
            Algorithm::Rs256 => {
                Self::Rsa(rsa::KeyPair::generate(rsa::KeySize::Rsa2048).expect("a key is made"))
            }
        }
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Ecdsa(algorithm, _) => *algorithm,
            Self::Ed25519(_) => Algorithm::EdDsa,
            Self::Rsa(_) => Algorithm::Rs256,
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Ecdsa(_, key) => {
                key.sign(&SystemRandom::new(), message).expect("a key signs").as_ref().to_vec()
            }
            Self::Ed25519(key) => key.sign(message).as_ref().to_vec(),
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .expect("a key signs");
                signature
            }
        }
    }

    /// A `SubjectPublicKeyInfo`.
    pub(super) fn public_der(&self) -> Vec<u8> {
        match self {
            Self::Ecdsa(_, key) => key.public_key().as_der().expect("a key is written").as_ref().to_vec(),
            Self::Ed25519(key) => key.public_key().as_der().expect("a key is written").as_ref().to_vec(),
            Self::Rsa(key) => key.public_key().as_der().expect("a key is written").as_ref().to_vec(),
        }
    }

    /// A `COSE_Key` (RFC 9052, 7; RFC 9053, 7; RFC 8230, 4).
    pub(super) fn cose(&self) -> Vec<u8> {
        let algorithm = (cbor::integer(3), cbor::integer(self.algorithm().cose()));
        let kind = |number| (cbor::integer(1), cbor::integer(number));
        match self {
            Self::Ecdsa(which, key) => {
                let point = key.public_key().as_ref().get(1..).unwrap_or_default();
                let (x, y) = point.split_at(point.len() / 2);
                let curve = if *which == Algorithm::Es256 { 1 } else { 2 };
                cbor::map(&[
                    kind(2),
                    algorithm,
                    (cbor::integer(-1), cbor::integer(curve)),
                    (cbor::integer(-2), cbor::bytes(x)),
                    (cbor::integer(-3), cbor::bytes(y)),
                ])
            }
            Self::Ed25519(key) => cbor::map(&[
                kind(1),
                algorithm,
                (cbor::integer(-1), cbor::integer(6)),
                (cbor::integer(-2), cbor::bytes(key.public_key().as_ref())),
            ]),
            Self::Rsa(key) => {
                // RFC 8017, A.1.1: a sequence of the modulus, 256 bytes after a zero, and the exponent, 3 bytes.
                let public = key.public_key().as_ref();
                cbor::map(&[
                    kind(3),
                    algorithm,
                    (cbor::integer(-1), cbor::bytes(public.get(9..265).unwrap_or_default())),
                    (cbor::integer(-2), cbor::bytes(public.get(267..).unwrap_or_default())),
                ])
            }
        }
    }
}
