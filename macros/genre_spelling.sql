{#-
    A genre's name reduced to what tells genres apart: letters and digits, without case.

    {{ genre_spelling('genre') }}:  'Hip-Hop', 'hip hop', 'HipHop'  ->  'hiphop'
-#}
{% macro genre_spelling(expression) -%}
    regexp_replace({{ case_folded(expression) }}, r'[^\p{L}\p{N}]', '')
{%- endmacro %}
