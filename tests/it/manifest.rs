//! What the packages for the phones must say of themselves. Only a device shows that it works; this holds the
//! lines that are easily lost, each with the reason in `docs/android.md`.

use std::fs;
use std::path::Path;

use roxmltree::{Document, Node};

const ANDROID: &str = "http://schemas.android.com/apk/res/android";
const MODULE: &str = "assets/android/module";

#[test]
fn dx_is_told_to_use_our_manifest() {
    let config = config();
    assert_eq!(text(&config, &["application", "android_manifest"]), "assets/android/AndroidManifest.xml");
    assert_eq!(text(&config, &["bundle", "identifier"]), "dev.xieguan.app");
}

#[test]
fn the_library_is_linked_for_the_oldest_android_that_may_install_it() {
    let config = config();
    let oldest = number(&config, &["android", "min_sdk"]);
    assert_eq!(number(&config, &["application", "android_min_sdk_version"]), oldest);
    let gradle = read(&format!("{MODULE}/build.gradle.kts"));
    assert!(gradle.contains(&format!("minSdk = {oldest}")), "{gradle}");
    assert!(
        gradle.contains(&format!("compileSdk = {}", number(&config, &["android", "compile_sdk"]))),
        "{gradle}"
    );
}

#[test]
fn the_manifest_asks_for_what_the_app_uses_and_no_more() {
    let source = read("assets/android/AndroidManifest.xml");
    let manifest = Document::parse(&source).unwrap();
    let mut asked: Vec<&str> =
        elements(&manifest, "uses-permission").map(|node| attribute(node, "name")).collect();
    asked.sort_unstable();
    let expected =
        ["ACCESS_COARSE_LOCATION", "ACCESS_FINE_LOCATION", "ACCESS_NETWORK_STATE", "CAMERA", "INTERNET"];
    assert_eq!(asked, expected.map(|name| format!("android.permission.{name}")));
}

#[test]
fn a_phone_without_camera_or_satellites_can_install_it() {
    let source = read("assets/android/AndroidManifest.xml");
    let manifest = Document::parse(&source).unwrap();
    let features: Vec<Node> = elements(&manifest, "uses-feature").collect();
    for name in ["camera", "location", "location.gps", "location.network"] {
        let name = format!("android.hardware.{name}");
        let feature = features.iter().find(|node| attribute(**node, "name") == name).expect(&name);
        assert_eq!(attribute(*feature, "required"), "false", "{name}");
    }
}

#[test]
fn the_camera_app_is_visible_and_gets_a_file_of_ours() {
    let source = read("assets/android/AndroidManifest.xml");
    let manifest = Document::parse(&source).unwrap();
    let queries: Vec<&str> = elements(&manifest, "queries")
        .flat_map(|node| node.descendants().filter(|node| node.has_tag_name("action")))
        .map(|node| attribute(node, "name"))
        .collect();
    assert_eq!(queries, ["android.media.action.IMAGE_CAPTURE"]);

    let provider = elements(&manifest, "provider").next().expect("a provider");
    assert_eq!(attribute(provider, "name"), "androidx.core.content.FileProvider");
    assert_eq!(attribute(provider, "authorities"), "${applicationId}.fileprovider");
    assert_eq!(attribute(provider, "exported"), "false");
    assert_eq!(attribute(provider, "grantUriPermissions"), "true");
    let paths = provider.children().find(|node| node.has_tag_name("meta-data")).expect("its paths");
    assert_eq!(attribute(paths, "name"), "android.support.FILE_PROVIDER_PATHS");

    let source = resource(attribute(paths, "resource"));
    let paths = Document::parse(&source).unwrap();
    let shared: Vec<_> = paths.root_element().children().filter(Node::is_element).collect();
    assert_eq!(shared.len(), 1, "no other folder is handed out");
    assert!(shared[0].has_tag_name("external-files-path"));
    assert_eq!(shared[0].attribute("path"), Some("Pictures/"));
}

#[test]
fn nothing_leaves_the_phone_in_a_backup_or_a_transfer() {
    let source = read("assets/android/AndroidManifest.xml");
    let manifest = Document::parse(&source).unwrap();
    let application = elements(&manifest, "application").next().expect("an application");
    assert_eq!(attribute(application, "allowBackup"), "false");
    assert_eq!(attribute(application, "fullBackupContent"), "false");

    let source = resource(attribute(application, "dataExtractionRules"));
    let rules = Document::parse(&source).unwrap();
    for way in ["cloud-backup", "device-transfer"] {
        let way = elements(&rules, way).next().expect(way);
        let mut excluded: Vec<_> = way
            .children()
            .filter(Node::is_element)
            .map(|node| {
                assert!(node.has_tag_name("exclude"));
                assert_eq!(node.attribute("path"), Some("."));
                node.attribute("domain").unwrap()
            })
            .collect();
        excluded.sort_unstable();
        let everything = [
            "database",
            "device_database",
            "device_file",
            "device_root",
            "device_sharedpref",
            "external",
            "file",
            "root",
            "sharedpref",
        ];
        assert_eq!(excluded, everything);
    }
}

#[test]
fn cleartext_is_left_to_the_loopback() {
    let source = read("assets/android/AndroidManifest.xml");
    let manifest = Document::parse(&source).unwrap();
    let application = elements(&manifest, "application").next().expect("an application");
    assert_eq!(attribute(application, "usesCleartextTraffic"), "false");
    // dx writes this file itself: cleartext for 127.0.0.1, over which its webview is fed, and for nothing else.
    assert_eq!(attribute(application, "networkSecurityConfig"), "@xml/network_security_config");
    assert!(!Path::new(&format!("{MODULE}/src/main/res/xml/network_security_config.xml")).exists());
}

#[test]
fn a_change_of_settings_does_not_restart_the_activity() {
    let source = read("assets/android/AndroidManifest.xml");
    let manifest = Document::parse(&source).unwrap();
    let activity = elements(&manifest, "activity").next().expect("an activity");
    assert_eq!(attribute(activity, "name"), "dev.dioxus.main.MainActivity");
    assert_eq!(attribute(activity, "windowSoftInputMode"), "adjustResize");
    let handled: Vec<&str> = attribute(activity, "configChanges").split('|').collect();
    for change in [
        "density",
        "fontScale",
        "fontWeightAdjustment",
        "keyboard",
        "keyboardHidden",
        "layoutDirection",
        "locale",
        "orientation",
        "screenLayout",
        "screenSize",
        "smallestScreenSize",
        "uiMode",
    ] {
        assert!(handled.contains(&change), "{change} restarts the activity");
    }
}

#[test]
fn each_permission_is_explained_in_chinese() {
    let config = config();
    for permission in ["camera", "location", "photos"] {
        let description = text(&config, &["permissions", permission, "description"]);
        assert!(description.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{permission}");
        assert!(description.contains('用'), "{permission} says what it is for");
    }
    assert_eq!(text(&config, &["permissions", "location", "precision"]), "fine");
    assert_eq!(text(&config, &["permissions", "photos", "access"]), "read");
}

#[test]
fn ios_starts_at_the_webview_we_write_for() {
    assert_eq!(text(&config(), &["ios", "deployment_target"]), "15.0");
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path)
}

/// The text of `@xml/name`, which our module has to ship because dx cannot.
fn resource(reference: &str) -> String {
    let name = reference.strip_prefix("@xml/").expect("an XML resource");
    read(&format!("{MODULE}/src/main/res/xml/{name}.xml"))
}

fn elements<'a>(document: &'a Document, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    document.descendants().filter(move |node| node.has_tag_name(name))
}

fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    node.attribute((ANDROID, name)).unwrap_or_else(|| panic!("{} has no {name}", node.tag_name().name()))
}

fn config() -> toml::Value {
    read("Dioxus.toml").parse::<toml::Table>().expect("Dioxus.toml is TOML").into()
}

fn value<'a>(config: &'a toml::Value, path: &[&str]) -> &'a toml::Value {
    path.iter().fold(config, |value, key| value.get(key).unwrap_or_else(|| panic!("no {}", path.join("."))))
}

fn text<'a>(config: &'a toml::Value, path: &[&str]) -> &'a str {
    value(config, path).as_str().expect("a string")
}

fn number(config: &toml::Value, path: &[&str]) -> i64 {
    value(config, path).as_integer().expect("a number")
}
