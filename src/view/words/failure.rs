//! Failures in words: what happened to the data, and what to do next.

/// Sentences for failures.
#[derive(Debug)]
pub struct FailureWords {
    /// The sentence for a code of `wire::failure`, by its stable name; unknown names get a general one.
    pub by_code: fn(&str) -> &'static str,
    /// No answer at all.
    pub no_network: &'static str,
    /// An answer that is not the bureau's (a captive portal).
    pub not_ours: &'static str,
}

/// The stable names that have a sentence of their own.
pub const CODES: &[&str] = &[
    "code_wrong",
    "code_expired",
    "code_used",
    "too_many_tries",
    "not_enrolled",
    "revoked",
    "not_yours",
    "not_found",
    "wrong_method",
    "unreadable",
    "header_wrong",
    "media_type",
    "seal_wrong",
    "address_mismatch",
    "too_large",
    "too_slow",
    "offset_conflict",
    "checksum_mismatch",
    "upload_gone",
    "uploads_open",
    "upload_bytes_open",
    "uploads_full",
    "protocol_version",
    "storage_full",
    "busy",
    "internal",
];

/// Chinese.
pub const ZH: FailureWords = FailureWords {
    by_code: |code| match code {
        "code_wrong" => "登记码不对。请核对后重新输入，或向监督机构再要一个。",
        "code_expired" => "登记码已过期。请向监督机构要一个新的。",
        "code_used" => "登记码已经用过了。请向监督机构要一个新的。",
        "too_many_tries" => "试的次数太多。请稍等几分钟再试，数据没有变化。",
        "not_enrolled" => "监督机构没认出这台手机。记录和照片都在手机里，没有丢；请联系监督机构重新登记。",
        "revoked" => "监督机构已撤销这台手机的授权。记录和照片都在手机里，没有丢；请联系监督机构。",
        "not_yours" => "这份记录属于另一台手机。本机数据没有变化；请联系监督机构核对。",
        "not_found" => "监督机构没有找到所要的内容。本机数据没有变化。",
        "wrong_method" => "监督机构不懂这个请求。本机数据没有变化；请更新应用后重试。",
        "unreadable" => "监督机构读不懂这份记录。记录仍在手机里；请更新应用后重试，不行就联系监督机构。",
        "header_wrong" => "监督机构看不懂这次上传。照片仍在手机里；请更新应用后重试。",
        "media_type" => "监督机构不收这种形式的上传。照片仍在手机里；请更新应用后重试。",
        "seal_wrong" => "记录的签名与这台手机不符，没有被收下。记录仍在手机里；请联系监督机构。",
        "address_mismatch" => "记录与上传地址不一致，没有被收下。记录仍在手机里；请更新应用后重试。",
        "too_large" => "内容太大，监督机构不能收。记录和照片仍在手机里；请联系监督机构。",
        "too_slow" => "网络太慢，上传断了。已传的部分不会白传，会自动接着传。",
        "offset_conflict" => "上传位置对不上，会自动从监督机构已有的地方接着传。",
        "checksum_mismatch" => "照片在传送中有损坏，会自动重新上传；原照片在手机里没有变化。",
        "upload_gone" => "这次上传已失效，会自动重新开始；照片在手机里没有变化。",
        "uploads_open" => "这台手机没传完的照片太多。照片都在手机里，稍后会自动再传。",
        "upload_bytes_open" => "这台手机没传完的照片加起来太大。照片都在手机里，稍后会自动再传。",
        "uploads_full" => "同时上传的手机太多。照片都在手机里，稍后会自动再传。",
        "protocol_version" => "应用版本太旧。记录和照片都在手机里；请更新应用后再上传。",
        "storage_full" => "监督机构的存储已满。记录和照片都在手机里，稍后会自动再传。",
        "busy" => "监督机构正忙。记录和照片都在手机里，稍后会自动再传。",
        "internal" => "监督机构出了故障。记录和照片都在手机里，稍后会自动再传；若一直这样请联系监督机构。",
        _ => "监督机构没有收下，原因不明。记录和照片都在手机里；请更新应用后重试，或联系监督机构。",
    },
    no_network: "现在连不上监督机构，多半是没有网络。记录和照片都在手机里，有网络后会自动上传。",
    not_ours: "这个网络要先登录网页才能用。记录和照片都在手机里，换个网络后会自动上传。",
};

/// English.
pub const EN: FailureWords = FailureWords {
    by_code: |code| match code {
        "code_wrong" => {
            "The enrolment code is wrong. Check it and type it again, or ask the bureau for another."
        }
        "code_expired" => "The enrolment code has expired. Ask the bureau for a new one.",
        "code_used" => "This enrolment code has been used already. Ask the bureau for a new one.",
        "too_many_tries" => "Too many tries. Wait a few minutes and try again; no data has changed.",
        "not_enrolled" => {
            "The bureau does not know this phone. Records and photos are safe on the phone; ask the bureau to enrol it again."
        }
        "revoked" => {
            "The bureau has withdrawn this phone. Records and photos are safe on the phone; contact the bureau."
        }
        "not_yours" => {
            "This record belongs to another phone. Nothing here has changed; check with the bureau."
        }
        "not_found" => "The bureau has no such thing. Nothing here has changed.",
        "wrong_method" => {
            "The bureau does not understand this request. Nothing here has changed; update the app and retry."
        }
        "unreadable" => {
            "The bureau cannot read this record. It is safe on the phone; update the app and retry, or contact the bureau."
        }
        "header_wrong" => {
            "The bureau does not understand this upload. The photo is safe on the phone; update the app and retry."
        }
        "media_type" => {
            "The bureau does not take an upload of this form. The photo is safe on the phone; update the app and retry."
        }
        "seal_wrong" => {
            "The record's seal does not fit this phone, so it was not taken. It is safe on the phone; contact the bureau."
        }
        "address_mismatch" => {
            "The record does not fit its address, so it was not taken. It is safe on the phone; update the app and retry."
        }
        "too_large" => {
            "Too large for the bureau. Record and photos are safe on the phone; contact the bureau."
        }
        "too_slow" => {
            "The network was too slow and the upload broke off. It goes on by itself from where it stood."
        }
        "offset_conflict" => "The upload goes on by itself from where the bureau stands.",
        "checksum_mismatch" => {
            "A photo was damaged on its way and is sent again by itself; the original on the phone is unchanged."
        }
        "upload_gone" => {
            "The upload has ended and starts again by itself; the photo on the phone is unchanged."
        }
        "uploads_open" => {
            "This phone has too many unfinished uploads. The photos are safe on the phone and are sent again later."
        }
        "upload_bytes_open" => {
            "This phone's unfinished uploads are too large together. The photos are safe on the phone and are sent again later."
        }
        "uploads_full" => {
            "Too many phones upload at once. The photos are safe on the phone and are sent again later."
        }
        "protocol_version" => {
            "This app is too old. Records and photos are safe on the phone; update the app, then send."
        }
        "storage_full" => {
            "The bureau's storage is full. Records and photos are safe on the phone and are sent again later."
        }
        "busy" => "The bureau is busy. Records and photos are safe on the phone and are sent again later.",
        "internal" => {
            "Something broke at the bureau. Records and photos are safe on the phone and are sent again later; contact the bureau if it stays so."
        }
        _ => {
            "The bureau did not take it, for a reason this app does not know. Records and photos are safe on the phone; update the app and retry, or contact the bureau."
        }
    },
    no_network: "The bureau is out of reach, most likely for want of a network. Records and photos are safe on the phone and are sent when there is one.",
    not_ours: "This network wants a web log-in first. Records and photos are safe on the phone and are sent over another network.",
};
