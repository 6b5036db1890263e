//! Help, short enough to be read in the field. Chapters stand in the same order in both languages.

/// A chapter: title, then its sentences.
pub type Chapter = (&'static str, &'static [&'static str]);

/// Chinese.
pub const ZH: [Chapter; 5] = [
    (
        "怎么巡查",
        &[
            "在“今天”或“单位”里点一个单位，再点“开始巡查”。",
            "一项一项点“符合”或“不符合”，数字直接填。点一下就存好了，不用找保存。",
            "不符合的：拍一张照片，选一句现成的话，选怎么处理的。",
            "答完点“核对并签字”，看看发现的问题和指导意见，请对方签字；对方拒签或不在，就选原因。",
            "点“完成”。做到一半可以随时退出，下次从停下的地方接着做。",
        ],
    ),
    (
        "没有信号怎么办",
        &[
            "照常巡查，什么都不用改。答案、照片、签字都存在手机里。",
            "有网络时自己上传，不用一直开着看。",
            "想马上传：到“上传”里点“现在再试”。",
        ],
    ),
    (
        "照片",
        &[
            "在检查项下面点“拍照”，时间、地点、单位会印在照片上。",
            "没有定位也能拍，照片上会写“无定位”。",
            "写着“不要拍照”的项目别拍：可能拍到病人、孩子的脸或证件。",
            "从相册选的照片会注明“相册导入”。",
        ],
    ),
    (
        "上传",
        &[
            "先传记录，再传带水印的照片，最后传原图。断了从断的地方接着传。",
            "看到“回执”，就是监督机构收到了；“收齐”表示照片也一张不少。",
            "流量不多：在“上传”里打开“原图等 Wi-Fi 再传”。",
            "出现红框：里面写着为什么、该怎么办。记录和照片都在手机里，没有丢。",
        ],
    ),
    (
        "换手机、丢手机",
        &[
            "换手机：先在旧手机的“上传”里看到都传完了，再向监督机构要新的登记码，在新手机上登记。",
            "没传完以前，不要卸载应用，不要清除数据。",
            "丢了手机：马上告诉监督机构停用它。内容是加密的，别人打不开。",
            "打不开应用：不要卸载，把手机带到监督机构，他们有备份钥匙。",
        ],
    ),
];

/// English.
pub const EN: [Chapter; 5] = [
    (
        "A visit",
        &[
            "Tap a site under Today or Sites, then “Begin the visit”.",
            "Tap “Yes” or “No” item by item, type readings. Each tap is kept at once; there is nothing to save.",
            "Where it is not compliant: take a photo, choose a ready sentence, choose what was done.",
            "Then “Review and sign”: look at findings and guidance, have it signed; if it is refused or nobody is there, choose the reason.",
            "Tap “Finish”. You can leave at any time and go on where you stopped.",
        ],
    ),
    (
        "Without a signal",
        &[
            "Go on as usual. Answers, photos and signatures are kept on the phone.",
            "Everything is sent by itself when there is a network; nobody has to watch.",
            "To send at once: “Try now” under Outbox.",
        ],
    ),
    (
        "Photos",
        &[
            "Tap “Take photo” under the item; time, place and site are printed on the photo.",
            "It works without a position too; the photo then says so.",
            "Take none where the item says so: it might show patients, children's faces or identity cards.",
            "Photos from the album are marked as such.",
        ],
    ),
    (
        "Sending",
        &[
            "The record goes first, then watermarked photos, then originals, from where it broke off.",
            "A receipt means that the bureau has it; “complete” means that no photo is missing.",
            "Little data left: switch on “Originals wait for Wi-Fi” under Outbox.",
            "A red frame says why and what to do. Record and photos are on the phone; nothing is lost.",
        ],
    ),
    (
        "Another phone, a lost phone",
        &[
            "Another phone: first see under Outbox that everything is sent, then ask the bureau for a new code and enrol the new phone.",
            "Until then, do not uninstall the app and do not clear its data.",
            "Lost: tell the bureau at once, so that it withdraws the phone. The data is encrypted; nobody else can open it.",
            "The app does not open: do not uninstall; take the phone to the bureau, which has a spare key.",
        ],
    ),
];
