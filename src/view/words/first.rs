//! The first run: what the app does, the privacy notice.
#![expect(missing_docs, reason = "a field's name and its two sentences below say what it is")]

/// Words of the first run.
#[derive(Debug)]
pub struct FirstWords {
    pub welcome: &'static str,
    pub welcome_line: &'static str,
    /// What the app does, in three sentences.
    pub does: [&'static str; 3],
    pub privacy: &'static str,
    /// The notice in short, always in view.
    pub privacy_short: &'static [&'static str],
    pub privacy_more: &'static str,
    /// The whole notice, by heading.
    pub notice: &'static [(&'static str, &'static str)],
    pub notice_version: fn(&str) -> String,
    pub agree: &'static str,
    pub not_now: &'static str,
    pub not_now_what: &'static str,
}

/// Chinese.
pub const ZH: FirstWords = FirstWords {
    welcome: "协管",
    welcome_line: "卫生监督协管巡查",
    does: [
        "陪你做巡查：打开检查表一项一项点，拍照、签字都在手机上。",
        "没有信号也能用：答一项存一项，有网络时自己上传。",
        "送到了有回执：监督机构收齐了记录和照片，会在手机上告诉你。",
    ],
    privacy: "隐私说明",
    privacy_short: &[
        "只记巡查要用的：你的姓名和单位、答案、照片、签字，巡查时的时间和位置。",
        "都加密存在这台手机里，只传给你所在县的监督机构，不给别人，没有广告。",
        "拍照和定位，用到的时候才会问你；不答应也能巡查，注明原因就行。",
    ],
    privacy_more: "看完整的隐私说明",
    notice: &[
        (
            "谁来处理",
            "你所在县（市、区）的卫生监督机构。这个应用只把内容交给它，登记时能看到它的名称和电话。",
        ),
        (
            "记哪些信息",
            "协管员的姓名和单位；巡查的答案、备注、照片、签字；开始和完成的时间、巡查时的位置；这台手机的编号和签名用的钥匙。不读通讯录、短信、通话记录，也不在巡查以外记位置。",
        ),
        (
            "做什么用",
            "证明巡查是谁、什么时候、在哪里做的，并据此指导被巡查的单位、向监督机构报告。不用来做别的。",
        ),
        ("要什么权限", "相机：给检查项拍照。位置：记下巡查地点。都在第一次用到时才问，不答应也能继续巡查。"),
        (
            "存在哪里、存多久",
            "手机里加密保存；传到监督机构后由监督机构依法保管。收到“齐全”回执的照片，过了保留天数，你可以在“我的”里清掉。",
        ),
        (
            "你可以做什么",
            "查看自己的记录；请监督机构更正或提供副本；在“我的”里收回同意，收回后应用停用，还没上传的内容仍留在手机里，不会丢。",
        ),
    ],
    notice_version: |version| format!("隐私说明版本 {version}"),
    agree: "同意，开始使用",
    not_now: "先不同意",
    not_now_what: "没关系。同意以前，应用不记任何内容，也不要任何权限。想好了再点“同意”，或者直接关掉。",
};

/// English.
pub const EN: FirstWords = FirstWords {
    welcome: "Xieguan",
    welcome_line: "Health-supervision visits",
    does: [
        "It goes along on your visit: open the checklist, tap item by item, take photos and the signature on the phone.",
        "It works without a signal: every answer is kept at once and goes up by itself when there is a network.",
        "What has arrived is receipted: when the bureau holds the record and all its photos, the phone says so.",
    ],
    privacy: "Privacy notice",
    privacy_short: &[
        "It keeps only what a visit needs: your name and organisation, answers, photos, signature, time and place of the visit.",
        "All of it is encrypted on this phone and goes only to your county's bureau; to nobody else, and there is no advertising.",
        "Camera and position are asked for when they are first used; you can refuse, give the reason and go on.",
    ],
    privacy_more: "Read the whole notice",
    notice: &[
        (
            "Who processes it",
            "The health-supervision bureau of your county. The app hands its contents to nobody else; enrolment shows the bureau's name and telephone.",
        ),
        (
            "What is kept",
            "The coordinator's name and organisation; answers, notes, photos and signatures; when a visit began and ended and where it was; this phone's number and the keys it signs with. No contacts, messages or calls are read, and no position outside a visit.",
        ),
        (
            "What for",
            "To show who made a visit, when and where; to guide the site and to report to the bureau. For nothing else.",
        ),
        (
            "Permissions",
            "Camera: photos for items. Position: where the visit was. Each is asked for at its first use; a visit goes on without.",
        ),
        (
            "Where and how long",
            "Encrypted on the phone; at the bureau as the law asks. Photos with a “complete” receipt can be cleared under Me after the days of keeping.",
        ),
        (
            "What you can do",
            "See your records; ask the bureau for corrections or a copy; take the consent back under Me. The app then stops; what was not sent stays on the phone and is not lost.",
        ),
    ],
    notice_version: |version| format!("Privacy notice, version {version}"),
    agree: "Agree and begin",
    not_now: "Not now",
    not_now_what: "That is fine. Until you agree, the app keeps nothing and asks for no permission. Agree when you are ready, or just close it.",
};
