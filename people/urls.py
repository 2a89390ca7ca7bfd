"""Addresses of `people`: signing in, one's account, who is learning, walk-ins.

allauth's views stand under Vietnamese paths and keep the names by which allauth finds them; what is not offered
here (e-mail, keys, other providers) has no address.
"""

from collections.abc import Callable

from allauth.account import views as allauth_account
from allauth.mfa.base import views as allauth_mfa
from allauth.mfa.recovery_codes import views as allauth_recovery
from allauth.mfa.totp import views as allauth_totp
from allauth.mfa.webauthn import views as allauth_webauthn
from django.http import HttpResponse
from django.urls import URLPattern, path

from people import account_views as views
from people import card_views, data_views, helping_views, pin_views, sharing_views, who_views
from people.access import rate_limited


def door(address: str, view: Callable[..., HttpResponse], name: str) -> URLPattern:
    """A page where tries are counted."""
    return path(f"tai-khoan/{address}", rate_limited(view), name=name)


urlpatterns = [
    door("", views.account, "account"),
    door("dang-nhap/", views.SignInView.as_view(), "account_login"),
    door("ma/", views.RequestCodeView.as_view(), "account_request_login_code"),
    door("ma/xac-nhan/", views.ConfirmCodeView.as_view(), "account_confirm_login_code"),
    door("dang-ky/", views.RequestCodeView.as_view(extra_context={"signing_up": True}), "account_signup"),
    door("dang-ky/mat-khau/", views.PasswordSignUpView.as_view(), "account_signup_password"),
    door("dang-xuat/", allauth_account.logout, "account_logout"),
    door("da-dong/", allauth_account.account_inactive, "account_inactive"),
    door("nhap-lai-mat-khau/", allauth_account.reauthenticate, "account_reauthenticate"),
    door("doi-mat-khau/", allauth_account.password_change, "account_change_password"),
    door("dat-mat-khau/", views.SetPasswordView.as_view(), "account_set_password"),
    door("quen-mat-khau/", views.forgotten_password, "account_reset_password"),
    door("doi-so/", allauth_account.change_phone, "account_change_phone"),
    door("xac-minh-so/", views.verify_phone, "account_verify_phone"),
    door("buoc-hai/", views.SecondStepsView.as_view(), "mfa_index"),
    door("buoc-hai/nhap-ma/", views.SecondStepView.as_view(), "mfa_authenticate"),
    door("buoc-hai/nhap-lai/", allauth_mfa.reauthenticate, "mfa_reauthenticate"),
    door("buoc-hai/ung-dung/", views.SetUpAppView.as_view(), "mfa_activate_totp"),
    door("buoc-hai/ung-dung/tat/", allauth_totp.deactivate_totp, "mfa_deactivate_totp"),
    door("buoc-hai/ma-du-phong/", allauth_recovery.view_recovery_codes, "mfa_view_recovery_codes"),
    door("buoc-hai/ma-du-phong/moi/", allauth_recovery.generate_recovery_codes, "mfa_generate_recovery_codes"),
    door("buoc-hai/ma-du-phong/tai/", allauth_recovery.download_recovery_codes, "mfa_download_recovery_codes"),
    door("buoc-hai/khoa/", allauth_webauthn.list_webauthn, "mfa_list_webauthn"),
    door("buoc-hai/khoa/moi/", views.SetUpKeyView.as_view(), "mfa_add_webauthn"),
    door("buoc-hai/khoa/<int:pk>/bo/", allauth_webauthn.remove_webauthn, "mfa_remove_webauthn"),
    door("buoc-hai/khoa/nhap-lai/", allauth_webauthn.reauthenticate_webauthn, "mfa_reauthenticate_webauthn"),
    door("ai-hoc/", who_views.who, "who"),
    door("ai-hoc/moi/", who_views.who_new, "who_new"),
    door("ai-hoc/<uuid:uuid>/", who_views.who_claim, "who_claim"),
    door("ai-hoc/<uuid:uuid>/dong-y/", who_views.who_consent, "who_consent"),
    path("tai-khoan/noi-o/", who_views.my_place, name="my_place"),
    door("ai-hoc/<uuid:uuid>/ma-pin/", pin_views.who_pin, "who_pin"),
    door("ai-hoc/<uuid:uuid>/quen-ma-pin/", pin_views.who_pin_forgotten, "who_pin_forgotten"),
    door("ma-pin/", pin_views.my_pin, "my_pin"),
    door("so-rieng/", who_views.who_move, "who_move"),
    path("the/", card_views.card_find, name="card_find"),
    path("the/xong/", card_views.learner_done, name="learner_done"),
    path("the/<str:token>/", card_views.card, name="card"),
    path("the-hoc/", helping_views.cards, name="cards"),
    path("hoc-chung/", sharing_views.shared_open, name="shared_open"),
    path("hoc-chung/<uuid:uuid>/dong/", sharing_views.shared_close, name="shared_close"),
    path("hoc-cung/<uuid:uuid>/", helping_views.helped_person, name="helped_person"),
    path("hoc-cung/<uuid:uuid>/ma-pin/", helping_views.helped_pin, name="helped_pin"),
    path("hoc-cung/<uuid:uuid>/so-rieng/", helping_views.helped_move, name="helped_move"),
    path("hoc-cung/<uuid:uuid>/bat-dau/", helping_views.help_begin, name="help_begin"),
    path("hoc-cung/<uuid:uuid>/bo-the/", helping_views.card_revoke, name="card_revoke"),
    path("hoc-cung/thoi/", helping_views.help_end, name="help_end"),
    path("du-lieu-luu-giu/", data_views.stored_data, name="stored_data"),
    path("tai-khoan/du-lieu/", data_views.my_data, name="my_data"),
    path("tai-khoan/du-lieu/ban-sao/", data_views.my_data_export, name="my_data_export"),
    path("tai-khoan/du-lieu/dong-y/", data_views.my_data_consent, name="my_data_consent"),
    path("tai-khoan/du-lieu/sua/", data_views.my_data_correct, name="my_data_correct"),
    path("tai-khoan/du-lieu/xoa/", data_views.my_data_erase, name="my_data_erase"),
    path("tai-khoan/du-lieu/<uuid:uuid>/rut/", data_views.my_data_cancel, name="my_data_cancel"),
    path("don-vi/dang-ky-ho/", who_views.register_walk_in, name="register_walk_in"),
]
