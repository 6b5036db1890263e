// Resources dx has no way to ship by itself: a library without code, whose res/ is merged into the app's.
plugins {
    id("com.android.library")
}

android {
    namespace = "dev.xieguan.resources"
    compileSdk = 34

    defaultConfig {
        minSdk = 26
    }
}
