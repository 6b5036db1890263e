//! The Android Keystore: an AES key that never leaves it encrypts the device's secrets, which lie in a file.
//!
//! Type-checked only. The key asks for no screen lock, because a phone must send what it holds while nobody looks.

use std::io;
use std::path::PathBuf;

use jni::JNIEnv;
use jni::errors::Result as JavaResult;
use jni::objects::{JByteArray, JObject, JValue};

use super::android::in_java;
use crate::device::keys::{FileKeyStore, KeyStore};

/// The Keystore's name of the key.
const ALIAS: &str = "xieguan.device.1";
const PROVIDER: &str = "AndroidKeyStore";
const CIPHER: &str = "AES/GCM/NoPadding";
/// `KeyProperties.PURPOSE_ENCRYPT | PURPOSE_DECRYPT`.
const PURPOSES: i32 = 3;
/// `Cipher.ENCRYPT_MODE` and `Cipher.DECRYPT_MODE`.
const ENCRYPT: i32 = 1;
const DECRYPT: i32 = 2;
/// First byte of the file: the form of what follows, which is a nonce of twelve bytes and the ciphertext.
const FORM: u8 = 1;
const NONCE: usize = 12;

/// A key store whose file only this phone's Keystore can open.
#[derive(Clone, Debug)]
pub(super) struct WrappedKeyStore {
    file: FileKeyStore,
}

impl WrappedKeyStore {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { file: FileKeyStore::new(path) }
    }
}

impl KeyStore for WrappedKeyStore {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        let Some(wrapped) = self.file.load()? else { return Ok(None) };
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the wrapped key is damaged");
        let (form, rest) = wrapped.split_first().ok_or_else(damaged)?;
        let (nonce, sealed) = rest.split_at_checked(NONCE).ok_or_else(damaged)?;
        if *form != FORM {
            return Err(damaged());
        }
        in_java(|env, _| open(env, nonce, sealed)).map(Some)
    }

    fn save(&self, blob: &[u8]) -> io::Result<()> {
        let (nonce, sealed) = in_java(|env, _| seal(env, blob))?;
        if nonce.len() != NONCE {
            return Err(io::Error::other(format!("a nonce of {} bytes", nonce.len())));
        }
        self.file.save(&[&[FORM], &nonce[..], &sealed[..]].concat())
    }
}

fn open(env: &mut JNIEnv<'_>, nonce: &[u8], sealed: &[u8]) -> JavaResult<Vec<u8>> {
    // A lost key is null here; the cipher then refuses, and the data counts as locked.
    let key = kept_key(env)?;
    let nonce = env.byte_array_from_slice(nonce)?;
    let parameters = env.new_object(
        "javax/crypto/spec/GCMParameterSpec",
        "(I[B)V",
        &[JValue::Int(128), JValue::Object(&nonce)],
    )?;
    let cipher = cipher(env)?;
    env.call_method(
        &cipher,
        "init",
        "(ILjava/security/Key;Ljava/security/spec/AlgorithmParameterSpec;)V",
        &[JValue::Int(DECRYPT), JValue::Object(&key), JValue::Object(&parameters)],
    )?;
    run(env, &cipher, sealed)
}

fn seal(env: &mut JNIEnv<'_>, blob: &[u8]) -> JavaResult<(Vec<u8>, Vec<u8>)> {
    let kept = kept_key(env)?;
    let key = if kept.is_null() { new_key(env)? } else { kept };
    let cipher = cipher(env)?;
    let init = [JValue::Int(ENCRYPT), JValue::Object(&key)];
    env.call_method(&cipher, "init", "(ILjava/security/Key;)V", &init)?;
    let sealed = run(env, &cipher, blob)?;
    let nonce = env.call_method(&cipher, "getIV", "()[B", &[])?.l()?;
    let nonce = env.convert_byte_array(JByteArray::from(nonce))?;
    Ok((nonce, sealed))
}

fn run(env: &mut JNIEnv<'_>, cipher: &JObject<'_>, bytes: &[u8]) -> JavaResult<Vec<u8>> {
    let bytes = env.byte_array_from_slice(bytes)?;
    let done = env.call_method(cipher, "doFinal", "([B)[B", &[JValue::Object(&bytes)])?.l()?;
    env.convert_byte_array(JByteArray::from(done))
}

fn cipher<'local>(env: &mut JNIEnv<'local>) -> JavaResult<JObject<'local>> {
    let name = env.new_string(CIPHER)?;
    let get = "(Ljava/lang/String;)Ljavax/crypto/Cipher;";
    env.call_static_method("javax/crypto/Cipher", "getInstance", get, &[JValue::Object(&name)])?.l()
}

/// Null when there is none.
fn kept_key<'local>(env: &mut JNIEnv<'local>) -> JavaResult<JObject<'local>> {
    let provider = env.new_string(PROVIDER)?;
    let get = "(Ljava/lang/String;)Ljava/security/KeyStore;";
    let store = env
        .call_static_method("java/security/KeyStore", "getInstance", get, &[JValue::Object(&provider)])?
        .l()?;
    let nothing = JObject::null();
    let load = "(Ljava/security/KeyStore$LoadStoreParameter;)V";
    env.call_method(&store, "load", load, &[JValue::Object(&nothing)])?;
    let alias = env.new_string(ALIAS)?;
    let get = "(Ljava/lang/String;[C)Ljava/security/Key;";
    env.call_method(&store, "getKey", get, &[JValue::Object(&alias), JValue::Object(&nothing)])?.l()
}

fn new_key<'local>(env: &mut JNIEnv<'local>) -> JavaResult<JObject<'local>> {
    let specification = specification(env)?;
    let (aes, provider) = (env.new_string("AES")?, env.new_string(PROVIDER)?);
    let generator = env
        .call_static_method(
            "javax/crypto/KeyGenerator",
            "getInstance",
            "(Ljava/lang/String;Ljava/lang/String;)Ljavax/crypto/KeyGenerator;",
            &[JValue::Object(&aes), JValue::Object(&provider)],
        )?
        .l()?;
    let init = "(Ljava/security/spec/AlgorithmParameterSpec;)V";
    env.call_method(&generator, "init", init, &[JValue::Object(&specification)])?;
    env.call_method(&generator, "generateKey", "()Ljavax/crypto/SecretKey;", &[])?.l()
}

/// AES-256 in GCM, for both directions.
fn specification<'local>(env: &mut JNIEnv<'local>) -> JavaResult<JObject<'local>> {
    const BUILDER: &str = "android/security/keystore/KeyGenParameterSpec$Builder";
    const STRINGS: &str = "([Ljava/lang/String;)Landroid/security/keystore/KeyGenParameterSpec$Builder;";
    const SIZE: &str = "(I)Landroid/security/keystore/KeyGenParameterSpec$Builder;";
    let alias = env.new_string(ALIAS)?;
    let new = [JValue::Object(&alias), JValue::Int(PURPOSES)];
    let builder = env.new_object(BUILDER, "(Ljava/lang/String;I)V", &new)?;
    for (setter, word) in [("setBlockModes", "GCM"), ("setEncryptionPaddings", "NoPadding")] {
        let word = env.new_string(word)?;
        let words = env.new_object_array(1, "java/lang/String", &word)?;
        env.call_method(&builder, setter, STRINGS, &[JValue::Object(&words)])?;
    }
    env.call_method(&builder, "setKeySize", SIZE, &[JValue::Int(256)])?;
    let build = "()Landroid/security/keystore/KeyGenParameterSpec;";
    env.call_method(&builder, "build", build, &[])?.l()
}
