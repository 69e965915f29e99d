from django.contrib import admin
from django.urls import path

from harbour import views

urlpatterns = [
    path("", views.show),
    path("plain", views.plain),
    path("set", views.set_value),
    path("tuple", views.set_tuple),
    path("expiry", views.set_expiry),
    path("password", views.set_password),
    path("record", views.record),
    path("admin/", admin.site.urls),
]
