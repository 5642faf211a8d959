{{ config(materialized='incremental', partition_by=['listened_month']) }}

with

listen_history as (

    select * from {{ ref('listen_history') }}
    {% if is_incremental() %}
    where {{ is_newer('listened_month', [ref('listen_history')]) }}
    {% endif %}

),

dim_date as (

    select * from {{ ref('dim_date') }}

),

joined as (

    select
        ---------- keys
        listen_history.listen_key,
        coalesce(dim_date.date_key, -1) as date_key,
        coalesce(listen_history.user_key, -1) as user_key,
        coalesce(listen_history.track_key, -1) as track_key,

        ---------- degenerate dimensions: the event, and the ids as sent
        listen_history.listening_key,
        listen_history.user_id,
        listen_history.track_id,

        ---------- numbers
        listen_history.list_position,
        listen_history.play_count,

        ---------- booleans
        not listen_history.is_known_user as is_orphan_user,
        not listen_history.is_known_track as is_orphan_track,

        ---------- timestamps
        listen_history.listened_at,

        ---------- partition
        listen_history.listened_month

    from listen_history
    left join dim_date
        on cast(listen_history.listened_at as date) = dim_date.calendar_date

)

select * from joined
