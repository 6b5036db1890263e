//! The first run: what the app does, the privacy notice, practice, enrolment by picture.
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
    // Practice.
    pub practice: &'static str,
    /// One letter in the place of a site's sign.
    pub practice_sign: &'static str,
    pub practice_offer: &'static str,
    pub practice_line: &'static str,
    pub practice_steps: [&'static str; 4],
    pub practice_start: &'static str,
    pub practice_go_on: &'static str,
    pub practice_band: &'static str,
    pub practice_end: &'static str,
    pub practice_done: &'static str,
    pub practice_counted: fn(u32, u32, u32, usize) -> String,
    pub practice_would: &'static str,
    pub practice_would_steps: [&'static str; 4],
    pub practice_nothing: &'static str,
    pub practice_more: &'static str,
    pub practice_throw: &'static str,
    pub practice_gone: &'static str,
    pub practice_refused: &'static str,
    // Enrolment by a picture of the QR code.
    pub scan_title: &'static str,
    pub scan_what: &'static str,
    pub scan: &'static str,
    pub scan_album: &'static str,
    pub scan_reading: &'static str,
    pub scan_found: &'static str,
    pub typed: &'static str,
    pub qr_none: &'static str,
    pub qr_foreign: &'static str,
    pub qr_newer: &'static str,
    pub qr_damaged: &'static str,
    pub enrol_certificate: &'static str,
    pub qr_picture: &'static str,
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
    practice: "练习一次",
    practice_sign: "练",
    practice_offer: "先练一遍，不用登记，也不用网络。练习的内容不会上传。",
    practice_line: "假想的单位，真的检查表",
    practice_steps: [
        "点“符合”或“不符合”，数字直接填，点一下就存好了。",
        "不符合的，拍张照片、选一句现成的话。",
        "到“核对并签字”看看发现的问题和指导意见，在屏幕上签个名。",
        "随时点上面的“结束练习”，看看真的巡查接下来会怎样。",
    ],
    practice_start: "开始练习",
    practice_go_on: "接着练习",
    practice_band: "练习 · 不会上传",
    practice_end: "结束练习",
    practice_done: "练习结束",
    practice_counted: |answered, total, failed, photos| {
        format!("答了 {answered}/{total} 项，{failed} 项不符合，{photos} 张照片")
    },
    practice_would: "如果是真的巡查，接下来会：",
    practice_would_steps: [
        "封存：连同时间、位置和这台手机的签名一起封好，以后谁也改不了。",
        "排队：放进“上传”。没有网络就等着，不用管它。",
        "上传：先传记录，再传照片；断了从断的地方接着传。",
        "回执：监督机构收齐后给一个回执号，在“上传”里看得到。",
    ],
    practice_nothing: "这次是练习：没有封存，没有签名，没有上传，谁也看不到。",
    practice_more: "再练一会儿",
    practice_throw: "扔掉练习内容",
    practice_gone: "练习内容已经扔掉了。",
    practice_refused: "这是练习，不会完成，也不会上传。点上面的“结束练习”，看看真的巡查接下来会怎样。",
    scan_title: "有登记二维码",
    scan_what: "监督机构给的二维码里有地址和登记码，拍一张就行，不用打字。",
    scan: "拍二维码",
    scan_album: "从相册选",
    scan_reading: "正在认二维码…",
    scan_found: "认出来了。核对下面的地址，没错就点“登记”。",
    typed: "没有二维码，自己填",
    qr_none: "照片里没有认出二维码。请对正、拍清楚再试，或者自己填地址和登记码。什么都没有改动。",
    qr_foreign: "这不是监督机构的登记二维码。什么都没有改动；请用监督机构给的那一张。",
    qr_newer: "这张登记二维码要新版本的应用才能用。什么都没有改动；请先更新应用，或者自己填地址和登记码。",
    qr_damaged: "这张登记二维码的地址或登记码不完整。什么都没有改动；请向监督机构再要一张，或者自己填。",
    enrol_certificate: "这个地址的证书不是监督机构登记码里的那一张，所以什么都没有发送，登记码也没有用掉。请拍监督机构给的二维码登记；如果已经拍过，请向监督机构要新的二维码。",
    qr_picture: "这个文件不是照片，或者太大，没有认。什么都没有改动；请重新拍一张。",
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
    practice: "Practise once",
    practice_sign: "P",
    practice_offer: "Try it first, without enrolment and without a network. Nothing of it is sent.",
    practice_line: "A made-up site, a real checklist",
    practice_steps: [
        "Tap “Yes” or “No”, type the readings; each tap is kept at once.",
        "Where it is not, take a photo and choose a ready sentence.",
        "Go to “Review and sign”: see findings and guidance, and sign on the glass.",
        "Tap “End practice” above at any time to see what a real visit would do next.",
    ],
    practice_start: "Start practice",
    practice_go_on: "Go on practising",
    practice_band: "Practice · never sent",
    practice_end: "End practice",
    practice_done: "End of practice",
    practice_counted: |answered, total, failed, photos| {
        format!("{answered}/{total} items answered, {failed} not compliant, photos: {photos}")
    },
    practice_would: "A real visit would now:",
    practice_would_steps: [
        "Be sealed: with time, place and this phone's signature, so that nobody can change it.",
        "Wait in Outbox; without a network there is nothing for you to do.",
        "Go up: the record first, then the photos, from where it broke off.",
        "Be receipted: when the bureau holds everything, Outbox shows its receipt number.",
    ],
    practice_nothing: "This was practice: nothing was sealed, signed or sent, and nobody can see it.",
    practice_more: "Practise more",
    practice_throw: "Throw practice away",
    practice_gone: "The practice visit has been thrown away.",
    practice_refused: "This is practice: it is not finished and not sent. Tap “End practice” above to see what a real visit would do.",
    scan_title: "With a QR code",
    scan_what: "The bureau's QR code holds address and code: take a picture of it, nothing to type.",
    scan: "Photograph it",
    scan_album: "From the album",
    scan_reading: "Looking for the QR code…",
    scan_found: "Found. Check the address below, then tap “Enrol”.",
    typed: "Without one: type it",
    qr_none: "No QR code was found in the picture. Hold straight, make it sharp and try again, or type address and code. Nothing has changed.",
    qr_foreign: "This is not the bureau's enrolment code. Nothing has changed; use the one the bureau gave you.",
    qr_newer: "This enrolment code needs a newer app. Nothing has changed; update the app, or type address and code.",
    qr_damaged: "Address or code in this enrolment code is incomplete. Nothing has changed; ask the bureau for another, or type them.",
    enrol_certificate: "The certificate at this address is not the bureau's, so nothing was sent and the code is not used up. Enrol with a picture of the bureau's QR code; if you did, ask the bureau for a new one.",
    qr_picture: "This file is no photo, or too large, and was not looked at. Nothing has changed; take another.",
};
