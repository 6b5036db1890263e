//! Android: the folder, the key store and the clock, asked of the running activity through JNI.
//!
//! Type-checked only; nothing here was tried on a device.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jni::objects::{JObject, JString};
use jni::{JNIEnv, JavaVM};

use super::android_keys::WrappedKeyStore;
use crate::device::keys::KeyStore;
use crate::device::sending::Network;

/// Runs something in the Java machine with the activity at hand. A Java exception becomes an error.
pub(super) fn in_java<T>(
    run: impl FnOnce(&mut JNIEnv<'_>, &JObject<'_>) -> jni::errors::Result<T>,
) -> io::Result<T> {
    let context = ndk_context::android_context();
    #[expect(
        unsafe_code,
        reason = "the pointers that the activity registered at its start live as long as the process"
    )]
    let (machine, activity) =
        unsafe { (JavaVM::from_raw(context.vm().cast()), JObject::from_raw(context.context().cast())) };
    let machine = machine.map_err(io::Error::other)?;
    let mut env = machine.attach_current_thread().map_err(io::Error::other)?;
    let done = run(&mut env, &activity);
    if done.is_err() {
        // A pending exception would make the next call on this thread abort the process.
        let _ = env.exception_clear();
    }
    done.map_err(io::Error::other)
}

/// The app's private folder that no backup takes along: its keys could not be restored with it.
pub(super) fn data_folder() -> io::Result<PathBuf> {
    in_java(|env, activity| {
        let folder = env.call_method(activity, "getNoBackupFilesDir", "()Ljava/io/File;", &[])?.l()?;
        let path = env.call_method(&folder, "getAbsolutePath", "()Ljava/lang/String;", &[])?.l()?;
        let path = JString::from(path);
        let path: String = env.get_string(&path)?.into();
        Ok(PathBuf::from(path).join("xieguan"))
    })
}

pub(super) fn key_store(folder: &Path) -> Box<dyn KeyStore> {
    Box::new(WrappedKeyStore::new(folder.join("keys").join("device.key")))
}

/// The webview itself opens http addresses only (webbrowser 1, `get_http_url`), so the intent is sent from here. The
/// dialler and the messages show what was prepared and wait for the person; that needs no permission.
pub(super) fn open_outside(address: &str) -> io::Result<()> {
    let action = if address.starts_with("tel:") {
        "android.intent.action.DIAL"
    } else {
        "android.intent.action.SENDTO"
    };
    in_java(|env, activity| {
        let text = env.new_string(address)?;
        let uri = env
            .call_static_method(
                "android/net/Uri",
                "parse",
                "(Ljava/lang/String;)Landroid/net/Uri;",
                &[(&text).into()],
            )?
            .l()?;
        let action = env.new_string(action)?;
        let intent = env.new_object(
            "android/content/Intent",
            "(Ljava/lang/String;Landroid/net/Uri;)V",
            &[(&action).into(), (&uri).into()],
        )?;
        /// `Intent.FLAG_ACTIVITY_NEW_TASK`.
        const NEW_TASK: i32 = 0x1000_0000;
        env.call_method(&intent, "addFlags", "(I)Landroid/content/Intent;", &[NEW_TASK.into()])?;
        env.call_method(activity, "startActivity", "(Landroid/content/Intent;)V", &[(&intent).into()])?;
        Ok(())
    })
}

/// What the system says of the network in use: a Wi-Fi that the coordinator marked as metered (a phone's hotspot)
/// counts as such. None without a network, or when the system does not answer.
pub(super) fn network() -> Option<Network> {
    let metered = in_java(|env, activity| {
        let name = env.new_string("connectivity")?;
        let signature = "(Ljava/lang/String;)Ljava/lang/Object;";
        let manager = env.call_method(activity, "getSystemService", signature, &[(&name).into()])?.l()?;
        let active = env.call_method(&manager, "getActiveNetwork", "()Landroid/net/Network;", &[])?.l()?;
        if active.is_null() {
            return Ok(None);
        }
        env.call_method(&manager, "isActiveNetworkMetered", "()Z", &[])?.z().map(Some)
    });
    let metered = metered.ok()??;
    Some(if metered { Network::Metered } else { Network::Free })
}

/// `Instant` stands still while Android sleeps; this does not.
pub(super) fn since_boot() -> Option<Duration> {
    let ms = in_java(|env, _| {
        env.call_static_method("android/os/SystemClock", "elapsedRealtime", "()J", &[])?.j()
    });
    ms.ok().and_then(|ms| u64::try_from(ms).ok()).map(Duration::from_millis)
}
