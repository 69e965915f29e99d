from django.contrib import admin
from django.urls import path

from harbour import views

admin.site.site_title = "Harbour"
admin.site.site_header = "Harbour"

# No /shop/: the Rust service in front answers that.
urlpatterns = [
    path("", views.harbour, name="harbour"),
    path("note/", views.write_note, name="note"),
    path("empty-cart/", views.empty_cart, name="empty-cart"),
    path("admin/", admin.site.urls),
]
